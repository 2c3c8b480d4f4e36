//! `QRCodePNG`: the picture from which a person's authenticator reads a new device's seed.

use data_encoding::BASE64;
use qrcodegen::{QrCode as Modules, QrCodeEcc, QrSegment, Version};

use crate::totp::Seed;

/// What a reply holds as `QRCodePNG` (clause `support.qr-code`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum QrCode {
    /// Nothing.
    #[default]
    Absent,
    /// A blob that is a PNG.
    Png(Vec<u8>),
    /// A blob that is something else.
    NotPng(Vec<u8>),
    /// Text that is not base64, and so no blob.
    NotBase64(String),
}

impl QrCode {
    /// The picture of a new device. A name that is too long for a QR code has none.
    #[must_use]
    pub fn of_device(name: &str, account: &str, seed: &Seed) -> Self {
        let address = format!("otpauth://totp/{name}@{account}?secret={}", seed.to_base32());
        let segments = QrSegment::make_segments(&address);
        // Any mask gives a code that can be read. To choose the best one takes ten times as long.
        let mask = Some(qrcodegen::Mask::new(0));
        let (least, most) = (Version::MIN, Version::MAX);
        match Modules::encode_segments_advanced(&segments, QrCodeEcc::Low, least, most, mask, false) {
            Ok(modules) => Self::Png(png::of(&modules)),
            Err(_) => Self::Absent,
        }
    }

    /// Reads `QRCodePNG` as it stands in the XML.
    #[must_use]
    pub fn from_blob(blob: &str) -> Self {
        let text: String = blob.split_ascii_whitespace().collect();
        if text.is_empty() {
            return Self::Absent;
        }
        match BASE64.decode(text.as_bytes()) {
            Ok(bytes) if png::is_one(&bytes) => Self::Png(bytes),
            Ok(bytes) => Self::NotPng(bytes),
            Err(_) => Self::NotBase64(blob.to_owned()),
        }
    }

    /// The text that stands for it in the XML.
    #[must_use]
    pub fn to_blob(&self) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::Png(bytes) | Self::NotPng(bytes) => Some(BASE64.encode(bytes)),
            Self::NotBase64(text) => Some(text.clone()),
        }
    }
}

/// The smallest PNG: one bit for each pixel, one pixel for each module, and nothing compressed.
mod png {
    use qrcodegen::QrCode as Modules;

    const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
    /// The white border that ISO/IEC 18004 demands, in modules.
    const BORDER: i32 = 4;
    /// How many bytes a block of uncompressed data holds at most (RFC 1951 §3.2.4).
    const BLOCK: usize = 65_535;

    pub(super) fn of(modules: &Modules) -> Vec<u8> {
        let side = modules.size() + 2 * BORDER;
        let mut rows = Vec::new();
        for y in 0..side {
            // No filter.
            rows.push(0);
            for start in (0..side).step_by(8) {
                let light = |bit: i32| start + bit < side && !modules.get_module(start + bit - BORDER, y - BORDER);
                rows.push((0..8).fold(0, |byte, bit| byte << 1 | u8::from(light(bit))));
            }
        }
        let side = side.unsigned_abs().to_be_bytes();
        // One bit for a pixel, grey, and the only methods that there are.
        let header = [&side[..], &side, &[1, 0, 0, 0, 0]].concat();
        let mut file = SIGNATURE.to_vec();
        for (kind, data) in [(b"IHDR", header), (b"IDAT", uncompressed(&rows)), (b"IEND", Vec::new())] {
            let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
            let typed = [&kind[..], &data].concat();
            file.extend(length.to_be_bytes());
            file.extend(&typed);
            file.extend(crc(&typed).to_be_bytes());
        }
        file
    }

    /// A zlib stream (RFC 1950) that holds the bytes as they are.
    fn uncompressed(bytes: &[u8]) -> Vec<u8> {
        let mut stream = vec![0x78, 0x01];
        let mut blocks = bytes.chunks(BLOCK).peekable();
        while let Some(block) = blocks.next() {
            let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
            stream.push(u8::from(blocks.peek().is_none()));
            stream.extend(length.to_le_bytes());
            stream.extend((!length).to_le_bytes());
            stream.extend(block);
        }
        stream.extend(adler(bytes).to_be_bytes());
        stream
    }

    fn adler(bytes: &[u8]) -> u32 {
        let (low, high) = bytes.iter().fold((1_u32, 0_u32), |(low, high), byte| {
            let low = (low + u32::from(*byte)) % 65_521;
            (low, (high + low) % 65_521)
        });
        high << 16 | low
    }

    /// CRC-32 as in the PNG specification, §5.5.
    fn crc(bytes: &[u8]) -> u32 {
        let step = |crc: u32| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
        !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
    }

    /// Whether bytes are a PNG: its signature, and whole chunks from the header to the end, with data in between.
    pub(super) fn is_one(bytes: &[u8]) -> bool {
        let Some(mut rest) = bytes.strip_prefix(SIGNATURE) else { return false };
        let (mut first, mut has_data) = (true, false);
        while let Some((kind, data, after)) = chunk(rest) {
            match kind {
                b"IHDR" if first && data.len() == 13 => {}
                _ if first => return false,
                b"IDAT" => has_data = true,
                b"IEND" => return has_data,
                _ => {}
            }
            first = false;
            rest = after;
        }
        false
    }

    /// The first chunk, if it is whole: its kind, its data, and what comes after it.
    fn chunk(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let typed = rest.get(..length.checked_add(4)?)?;
        let (sum, after) = rest.get(typed.len()..)?.split_first_chunk::<4>()?;
        let (kind, data) = typed.split_first_chunk::<4>()?;
        (crc(typed) == u32::from_be_bytes(*sum)).then_some((kind, data, after))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn sums_are_those_of_the_specifications() {
            assert_eq!(crc(b"123456789"), 0xcbf4_3926);
            assert_eq!(adler(b"Wikipedia"), 0x11e6_0398);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Vec<u8> {
        let code = QrCode::of_device("phone", "123456789012", &Seed::from_bytes(&[7; 40]));
        let QrCode::Png(bytes) = code else { panic!("{code:?}") };
        bytes
    }

    #[test]
    fn a_blob_comes_back_as_what_it_is() {
        for code in [
            QrCode::Absent,
            QrCode::Png(picture()),
            QrCode::NotPng(b"GIF89a".to_vec()),
            QrCode::NotBase64("b'iVBORw0KGgo='".to_owned()),
        ] {
            assert_eq!(QrCode::from_blob(&code.to_blob().unwrap_or_default()), code);
        }
    }

    #[test]
    fn a_blob_may_be_broken_into_lines() {
        let blob = QrCode::Png(picture()).to_blob().unwrap();
        let (first, second) = blob.split_at(76);
        assert_eq!(QrCode::from_blob(&format!("{first}\n{second}\n")), QrCode::Png(picture()));
    }

    #[test]
    fn a_picture_that_is_not_whole_is_no_png() {
        let whole = picture();
        for length in [0, 8, 20, whole.len() - 12, whole.len() - 1] {
            let cut = QrCode::Png(whole[..length].to_vec()).to_blob().unwrap_or_default();
            assert!(!matches!(QrCode::from_blob(&cut), QrCode::Png(_)), "{length}");
        }
        let mut flipped = whole.clone();
        flipped[60] ^= 1;
        assert_eq!(QrCode::from_blob(&QrCode::Png(flipped.clone()).to_blob().unwrap()), QrCode::NotPng(flipped));
    }

    /// A decoder that is not ours reads the same pixels as the encoder's modules.
    #[test]
    fn a_devices_picture_is_the_qr_code_of_its_address() {
        let bytes = picture();
        let mut reader = ::png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let seed = Seed::from_bytes(&[7; 40]).to_base32();
        let address = format!("otpauth://totp/phone@123456789012?secret={seed}");
        let modules = Modules::encode_segments_advanced(
            &QrSegment::make_segments(&address),
            QrCodeEcc::Low,
            Version::MIN,
            Version::MAX,
            Some(qrcodegen::Mask::new(0)),
            false,
        );
        let modules = modules.unwrap();
        let side = i32::try_from(info.width).unwrap();
        assert_eq!((info.width, side), (info.height, modules.size() + 8));
        for y in 0..side {
            for x in 0..side {
                let (row, column) = (usize::try_from(y).unwrap() * info.line_size, usize::try_from(x).unwrap());
                let light = pixels[row + column / 8] >> (7 - column % 8) & 1 == 1;
                assert_eq!(light, !modules.get_module(x - 4, y - 4), "{x}, {y}");
            }
        }
    }

    #[test]
    fn a_name_that_no_qr_code_can_hold_has_none() {
        let seed = Seed::from_bytes(&[7; 40]);
        assert!(matches!(QrCode::of_device(&"d".repeat(226), "123456789012", &seed), QrCode::Png(_)));
        assert_eq!(QrCode::of_device(&"d".repeat(3_000), "123456789012", &seed), QrCode::Absent);
    }
}
