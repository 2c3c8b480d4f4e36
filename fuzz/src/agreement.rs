//! Documents, good and bad, read as roxmltree reads them.

use proptest::prelude::*;

use crate::agree::agree_on;
use mfa_conformance::wire::xml::{MAX_ATTRIBUTES, MAX_DEPTH, MAX_ELEMENTS, MAX_NAMESPACES, Problem, decode, parse};

fn agree(document: &str) -> Result<bool, String> {
    agree_on(&parse(document), document)
}

const GOOD: &[&str] = &[
    "<a/>",
    "\u{feff}<a/>",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a/>\n",
    "<?xml version='1.0' encoding='us-ascii' standalone='yes' ?><a>x</a>",
    "<!-- before --><?go on?><a>1<!-- - -->2<?pi?>3</a><!-- after -->",
    "<a>&lt;&amp;&gt;&quot;&apos;&#65;&#x41;</a>",
    "<a><![CDATA[<b>&amp;]] ]>]]></a>",
    "<a>one<![CDATA[ two]]>&#32;three</a>",
    "<a>x]]y ]&gt; ></a>",
    "<a b='1' c=\"2\"\n d = 'x>y\"z' />",
    "<a b=' 1\n2\t3 &#10;&lt;'/>",
    "<a xmlns='u'><b/><c xmlns=''/><d xmlns='v'><e/></d></a>",
    "<p:a xmlns:p='u' p:b='1' b='2'><p:c/><q:d xmlns:q='v' q:b='3'/></p:a>",
    "<a xml:lang='en' xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
    "<a>\r\nb\rc\n</a\n>",
    "<a><b></b ><b/></a>",
    "<élément名前 a='ü'>漢\u{1f600}</élément名前>",
    "<a xmlns:p='u'><p:b xmlns:p='v' p:c=''/><p:b/></a>",
    "<a>\u{7f}\u{85}\u{9b}\u{202e}</a>",
    "<a><!----></a>",
];

/// Each with a word that the error has in it.
const BAD: &[(&str, &str)] = &[
    ("", "no root"),
    (" \n", "no root"),
    ("<!-- only -->", "no root"),
    ("plain", "outside the root"),
    ("<a", "inside markup"),
    ("<a>", "before </a>"),
    ("<a><b></b>", "before </a>"),
    ("<a></a", "inside markup"),
    ("<a b='", "inside markup"),
    ("<a><!-- ", "inside markup"),
    ("<a><![CDATA[x", "inside markup"),
    ("<a><?pi ", "inside markup"),
    ("<a></b>", "</b> stands where </a> must"),
    ("<p:a xmlns:p='u' xmlns:q='u'></q:a>", "stands where"),
    ("<a></a b='1'>", "stands where"),
    ("<a></ a>", "stands where"),
    ("</a>", "closes nothing"),
    ("<a/></a>", "closes nothing"),
    ("<a/><b/>", "second root element <b>"),
    ("<a/>x", "outside the root"),
    ("x<a/>", "outside the root"),
    ("<a/>&#32;", "outside the root"),
    ("<a/><![CDATA[]]>", "outside the root"),
    ("\u{feff}\u{feff}<a/>", "outside the root"),
    ("<p:a/>", "prefix p is not declared"),
    ("<a p:b='1'/>", "prefix p is not declared"),
    ("<a><b xmlns:p='u'/><p:c/></a>", "prefix p is not declared"),
    ("<a>&nbsp;</a>", "entity &nbsp; is not defined"),
    ("<a b='&nbsp;'/>", "entity &nbsp; is not defined"),
    ("<a>& b</a>", "reference is malformed"),
    ("<a>&amp</a>", "reference is malformed"),
    ("<a b='&amp'/>", "reference is malformed"),
    ("<a>&;</a>", "reference is malformed"),
    ("<a>&#;</a>", "reference is malformed"),
    ("<a>&#x;</a>", "reference is malformed"),
    ("<a>&#+65;</a>", "reference is malformed"),
    ("<a>&#0;</a>", "forbids the character U+0000"),
    ("<a>&#27;</a>", "forbids the character U+001B"),
    ("<a b='&#xFFFF;'/>", "forbids the character U+FFFF"),
    ("<a>&#xD800;</a>", "forbids the character U+D800"),
    ("<a>\u{1b}</a>", "forbids the character U+001B"),
    ("<a>\0</a>", "forbids the character U+0000"),
    ("<a>\u{ffff}</a>", "forbids the character U+FFFF"),
    ("<a><!--\u{8}--></a>", "forbids the character U+0008"),
    ("<!DOCTYPE a><a/>", "document type"),
    ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "document type"),
    ("<a b='1' b='2'/>", "attribute b stands twice"),
    ("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", "attribute b stands twice"),
    ("<a xmlns='u' xmlns='v'/>", "stands twice"),
    ("<a xmlns:p='u' xmlns:p='u'/>", "stands twice"),
    ("<a>]]></a>", "]]>"),
    ("<a><!-- -- --></a>", "comment holds"),
    ("<a><!-- ---></a>", "comment holds"),
    ("<a><!--></a>", "inside markup"),
    ("<a b='<'/>", "holds a '<'"),
    ("<a b/>", "attribute is malformed"),
    ("<a b=1/>", "attribute is malformed"),
    ("<a b='1'c='2'/>", "attribute is malformed"),
    ("<a b=>x</a>", "attribute is malformed"),
    ("<a/ >", "is not a name"),
    ("<a =''/>", "is not a name"),
    ("<1a/>", "is not a name"),
    ("< a/>", "is not a name"),
    ("<>x</>", "is not a name"),
    ("<a:b:c xmlns:a='u'/>", "is not a name"),
    ("<a 1b=''/>", "is not a name"),
    ("<xmlns:a/>", "is not a name"),
    ("<xml:a/>", "is not a name"),
    (" <?xml version='1.0'?><a/>", "elsewhere than at the beginning"),
    ("<a><?xml version='1.0'?></a>", "elsewhere than at the beginning"),
    ("<?xml?><a/>", "XML declaration is malformed"),
    ("<?XML version='1.0'?><a/>", "is not a target"),
    ("<a><?1?></a>", "is not a target"),
    ("<a><??></a>", "is not a target"),
    ("<a><!ELEMENT b></a>", "inside markup"),
    ("<a><![cdata[x]]></a>", "inside markup"),
    ("<a xmlns:xml='u'/>", "not allowed"),
    ("<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>", "not allowed"),
    ("<a xmlns:xmlns='u'/>", "not allowed"),
    ("<a xmlns='http://www.w3.org/2000/xmlns/'/>", "not allowed"),
    ("<a xmlns:p=''/>", "not allowed"),
];

#[test]
fn good_documents_are_read_as_roxmltree_reads_them() {
    for document in GOOD {
        assert_eq!(agree(document), Ok(true), "{document:?}: {:?}", parse(document));
    }
}

#[test]
fn bad_documents_are_refused_and_the_error_says_why() {
    for (document, word) in BAD {
        let error = parse(document).expect_err(document).to_string();
        assert!(error.contains(word), "{document:?}: {error}");
        assert_eq!(agree(document), Ok(false));
    }
}

#[test]
fn an_error_tells_byte_and_line() {
    let error = parse("\u{feff}<a>\n<b>é\n&bad;</b></a>").unwrap_err();
    assert_eq!((error.offset, error.line), (13, 3));
    assert_eq!(error.to_string(), "malformed XML at byte 13 (line 3): the entity &bad; is not defined");
}

#[test]
fn what_an_error_quotes_is_short_and_escaped_once_when_it_is_printed() {
    let error = parse("<a>&\u{202e}evil\u{9b};</a>").unwrap_err().to_string();
    let shown = mfa_conformance::wire::escape_for_people(&error);
    assert!(shown.contains(r"\u{202e}evil\u{9b}") && !shown.contains(r"\u{5c}"), "{shown}");
    let error = parse(&format!("<a></{}>", "b".repeat(5_000))).unwrap_err().to_string();
    assert!(error.len() < 200, "{error}");
}

#[test]
fn the_limits_hold_at_their_edge() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(parse(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(parse(&nested(MAX_DEPTH + 1)).unwrap_err().problem, Problem::TooDeep);
    let wide = |elements: usize| format!("<r>{}</r>", "<a/>".repeat(elements - 1));
    assert!(parse(&wide(MAX_ELEMENTS)).is_ok());
    assert_eq!(parse(&wide(MAX_ELEMENTS + 1)).unwrap_err().problem, Problem::TooManyElements);
    let with = |count: usize, prefix: &str| {
        (0..count).fold("<a".to_owned(), |text, index| format!("{text} {prefix}a{index}='1'")) + "/>"
    };
    assert!(parse(&with(MAX_ATTRIBUTES, "")).is_ok());
    assert_eq!(parse(&with(MAX_ATTRIBUTES + 1, "")).unwrap_err().problem, Problem::TooManyAttributes);
    assert!(parse(&with(MAX_NAMESPACES, "xmlns:")).is_ok());
    let more = with(MAX_NAMESPACES, "xmlns:").replace("/>", "><b xmlns:b='1'/></a>");
    assert_eq!(parse(&more).unwrap_err().problem, Problem::TooManyNamespaces);
}

const ENVELOPES: &[&str] = &[
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<EnableMFADeviceResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\n  <ResponseMetadata>\n    <RequestId>7a62c49f-347e</RequestId>\n  </ResponseMetadata>\n</EnableMFADeviceResponse>",
    "<ErrorResponse xmlns='u' xmlns:p='v'><Error p:a='1' b=\"2\"><Type>Sender</Type><Code>NoSuchEntity</Code><Message>a &lt;b&gt; &#x41; <![CDATA[<&>]]></Message></Error><p:RequestId/></ErrorResponse>",
    "<!-- c --><i:R xmlns:i='u' xml:lang='en'><?pi x?><i:m><!-- d -->text</i:m><m xmlns='w' i:k='é'/></i:R>\r\n",
];

const PIECES: &[&str] = &[
    "<",
    ">",
    "/",
    "/>",
    "</",
    "&",
    ";",
    "&#",
    "&#x",
    "&amp;",
    "&x;",
    "'",
    "\"",
    "=",
    " ",
    "\n",
    "\r",
    "\t",
    "]]>",
    "--",
    "-->",
    "<!--",
    "<![CDATA[",
    "<?",
    "?>",
    "<?xml version='1.0'?>",
    "<!DOCTYPE a>",
    "xmlns",
    " xmlns:q='v'",
    " xmlns='v'",
    "p:",
    "i:",
    ":",
    "<a>",
    "</a>",
    "<b/>",
    " a='1'",
    " p:a='2'",
    "\0",
    "\u{1b}",
    "\u{feff}",
    "\u{ffff}",
    "é",
    "0",
    "x",
    "&#13;",
    "-",
    "?",
];

#[derive(Clone, Debug)]
enum Mutation {
    Insert(prop::sample::Index, &'static str),
    Replace(prop::sample::Index, &'static str),
    Remove(prop::sample::Index, usize),
    Copy(prop::sample::Index, prop::sample::Index, usize),
    Cut(prop::sample::Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let piece = || prop::sample::select(PIECES);
    prop_oneof![
        4 => (any::<prop::sample::Index>(), piece()).prop_map(|(at, piece)| Mutation::Insert(at, piece)),
        4 => (any::<prop::sample::Index>(), piece()).prop_map(|(at, piece)| Mutation::Replace(at, piece)),
        3 => (any::<prop::sample::Index>(), 1..12_usize).prop_map(|(at, length)| Mutation::Remove(at, length)),
        2 => (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1..24_usize)
            .prop_map(|(from, to, length)| Mutation::Copy(from, to, length)),
        1 => any::<prop::sample::Index>().prop_map(Mutation::Cut),
    ]
}

fn mutate(document: &mut Vec<char>, mutation: &Mutation) {
    let place = |index: &prop::sample::Index, length: usize| index.index(length + 1);
    let length = document.len();
    match mutation {
        Mutation::Insert(at, piece) => {
            let at = place(at, length);
            document.splice(at..at, piece.chars());
        }
        Mutation::Replace(at, piece) => {
            let at = place(at, length);
            document.splice(at..length.min(at + 1), piece.chars());
        }
        Mutation::Remove(at, count) => {
            let at = place(at, length);
            document.drain(at..length.min(at + count));
        }
        Mutation::Copy(from, to, count) => {
            let (from, to) = (place(from, length), place(to, length));
            let copy = document[from..length.min(from + count)].to_vec();
            document.splice(to..to, copy);
        }
        Mutation::Cut(at) => document.truncate(place(at, length)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// Nothing that roxmltree rejects is accepted, both read the same, and ours refuses more only on purpose.
    #[test]
    fn mutated_envelopes_are_read_as_roxmltree_reads_them(
        envelope in prop::sample::select(ENVELOPES),
        mutations in prop::collection::vec(mutation(), 0..4),
    ) {
        let mut document: Vec<char> = envelope.chars().collect();
        for mutation in &mutations {
            mutate(&mut document, mutation);
        }
        let document: String = document.into_iter().collect();
        let agreed = agree(&document);
        prop_assert!(agreed.is_ok(), "{}", agreed.unwrap_err());
    }

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&bytes, None).map(|text| parse(&text).is_ok());
    }
}
