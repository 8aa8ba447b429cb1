"""Sources made up for the tests; no words of a real document."""

LETTER = """# Letter from the harbour

Port Invented, 3 June 1957

We have waited for the ship since Monday. It rained on all of these days and nobody came.

The pilot says that the channel is too shallow for a vessel of that size, and I believe him.

Yours sincerely,
J. Harbourmaster
"""

VOLUME = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0" xmlns:frus="http://history.state.gov/frus/ns/1.0" xml:id="frus1959v99">
<teiHeader><fileDesc><titleStmt><title type="complete">An Invented Volume</title></titleStmt></fileDesc></teiHeader>
<text><front><div type="section" xml:id="persons"><list>
<item><hi rend="strong"><persName xml:id="p_AB1">Able, Barbara C.</persName></hi>, Ambassador in Nowhere</item>
<item><persName xml:id="p_DE1">Dunn, Edgar</persName>, Counselor</item></list></div>
<div xml:id="terms"><list><item><term xml:id="t_XYZ1">XYZ</term>, Example Yearly Zone</item></list></div></front>
<body><div type="compilation"><head>All of it</head>
<div type="document" subtype="historical-document" n="1" xml:id="d1" frus:doc-dateTime-min="1959-03-02T00:00:00Z">
<head>1. Memorandum of Conversation<note n="1" xml:id="d1fn1" type="source">Source: Department of Samples, Central Files, 700.00/3–259. Secret. Drafted by <persName corresp="#p_DE1">Dunn</persName>.</note></head>
<opener><dateline rendition="#right"><placeName>Washington</placeName>, <date when="1959-03-02">March 2, 1959, 3 p.m.</date></dateline></opener>
<list type="subject"><head>SUBJECT</head><item>Trade</item></list>
<list type="participants"><head>PARTICIPANTS</head><item>Ambassador <persName corresp="#p_AB1">Able</persName></item><item>Mr. <persName corresp="#p_DE1">Dunn</persName>, notetaker</item></list>
<p>Ambassador <persName corresp="#p_AB1">Able</persName> said that the <gloss target="#t_XYZ1">XYZ</gloss> was ready.<note n="2" xml:id="d1fn2">See <ref target="#d2">Document 2</ref>.</note> It would be a large
<pb n="12" facs="0012"/>and costly thing.</p>
<p>[<hi rend="italic">2 lines not declassified</hi>]</p>
<p>Mr. <persName corresp="#p_DE1">Dunn</persName> replied:</p>
<list><item>1. Yes.</item><item>2. No<lb/>again.</item></list>
<table><row><cell>A</cell><cell>1</cell></row><row><cell>B</cell><cell>2</cell></row></table>
<p>He quoted: <quote>We shall see</quote> and left <foo>oddly</foo>. <choice><sic>Teh</sic><corr>The</corr></choice> end.</p>
<closer><signed><persName corresp="#p_DE1">Dunn</persName></signed></closer>
<postscript><p>P.S. More.</p></postscript>
<frus:attachment xml:id="d1a1"><head>Attachment</head><p>Paper text <figure><graphic url="x.tif"/></figure>here.</p></frus:attachment>
</div>
<div type="document" subtype="editorial-note" xml:id="d2" n="2"><head>2. Editorial Note</head><p>On March 3, 1959, nothing happened.</p></div>
</div></body></text></TEI>
"""
