# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Template and style of the report page. Text only: what fills it stands in ``html_report``."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --face: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; --paper: #f7f7f4;
  --card: #ffffff; --ink: #1b2430; --soft: #5b6673; --line: #dfe2e0; --track: #cfd8dc; --accent: #0f6e84; --good: #1b7a4b;
  --good-back: #e3f3ea; --bad: #b3261e; --bad-back: #fbe6e4; --note: #8a6100; }
@media (prefers-color-scheme: dark) {
:root { --paper: #12171d; --card: #1a2129; --ink: #e8ecef; --soft: #9aa7b3; --line: #2b353f; --track: #394652; --accent: #4fb3c8;
  --good: #5ccb92; --good-back: #14301f; --bad: #ff8a80; --bad-back: #3a1a18; --note: #e0b65a; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 var(--face); }
main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 64px; }
header p { color: var(--soft); margin: 0; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 6px; letter-spacing: -.01em; }
h2 { font-size: 1.05rem; margin: 0 0 14px; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 22px 24px; margin-top: 20px; }
.verdict { display: flex; gap: 18px; align-items: center; padding: 22px 24px; border-radius: 12px; margin-top: 24px; border: 1px
  solid transparent; }
.verdict p { margin: 2px 0 0; }
.verdict strong { font-size: 1.35rem; line-height: 1.25; }
.verdict svg { flex: none; }
.verdict.good { background: var(--good-back); border-color: var(--good); }
.good strong, .good svg, td.good { color: var(--good); }
.verdict.bad { background: var(--bad-back); border-color: var(--bad); }
.bad strong, .bad svg, td.bad { color: var(--bad); }
td.good, td.bad { font-weight: 600; }
dl.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 1px; background: var(--line);
  border: 1px solid var(--line); border-radius: 12px; overflow: hidden; margin: 20px 0 0; }
dl.figures div { background: var(--card); padding: 14px 18px; display: flex; flex-direction: column-reverse; justify-content:
  flex-end; }
dl.figures dt { color: var(--soft); font-size: .85rem; }
dl.figures dd { margin: 0; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
section dl.figures dd { font-size: 1.15rem; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .94rem; }
th { text-align: left; color: var(--soft); font-weight: 500; font-size: .85rem; padding: 0 14px 8px 0; border-bottom: 1px solid
  var(--line); white-space: nowrap; }
td { padding: 9px 14px 9px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
tfoot td { font-weight: 600; border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code { font: .82rem/1.4 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; white-space: nowrap; }
td code { display: block; }
.soft { color: var(--soft); }
.note { color: var(--soft); font-size: .88rem; margin: 12px 0 0; }
.rejects { color: var(--note); font-weight: 600; }
svg.chart, svg.flow { width: 100%; height: auto; display: block; }
svg text { fill: var(--ink); font: 14px var(--face); }
svg text.soft { fill: var(--soft); }
svg text.figure { font-variant-numeric: tabular-nums; }
svg text.middle { text-anchor: middle; }
svg text.strong { font-weight: 600; font-size: 15px; }
.source { fill: var(--track); }
.target { fill: var(--accent); }
.differs { fill: var(--bad); }
.box { fill: var(--card); stroke: var(--accent); stroke-width: 1.5; }
.arrow { stroke: var(--soft); stroke-width: 1.5; fill: none; }
.head { fill: var(--soft); }
.proof { stroke: var(--accent); stroke-width: 1.5; stroke-dasharray: 4 4; fill: none; }
.legend { display: flex; gap: 20px; font-size: .85rem; color: var(--soft); margin: 0 0 12px; }
.legend i { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px; vertical-align: -1px; }
footer { color: var(--soft); font-size: .85rem; margin-top: 24px; }
@media print {
:root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --track: #ccc; --accent: #0f6e84; --good: #1b7a4b;
  --good-back: #fff; --bad: #b3261e; --bad-back: #fff; --note: #6b4b00; }
main { max-width: none; padding: 0; }
section, .verdict, dl.figures { break-inside: avoid; }
body { font-size: 11pt; }
* { print-color-adjust: exact; }
}
"""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{ report.migration }} {{ report.run }}: {{ "equal" if report.equal else "not equal" }} - Landbridge report</title>
<style>{{ style|safe }}</style>
</head>
<body>
<main>
<header>
  <h1>Migration {{ report.migration }}, run {{ report.run }}</h1>
  <p>From {{ report.source }} to DynamoDB in {{ report.region }}{% if report.created_at %} &middot; {{ report.created_at }}{% endif %}</p>
</header>

<div class="verdict {{ 'good' if report.equal else 'bad' }}">
  <svg width="44" height="44" viewBox="0 0 44 44" aria-hidden="true">
  <circle cx="22" cy="22" r="20" fill="none" stroke="currentColor" stroke-width="3"/>
  <path d="{{ 'M13 23l6 6 12-13' if report.equal else 'M15 15l14 14M29 15L15 29' }}" fill="none" stroke="currentColor" stroke-width="4"
  stroke-linecap="round" stroke-linejoin="round"/></svg>
  <div>
  {% if report.equal %}
    <strong>Source and target are equal</strong>
    <p>Every row of the source became the item that the contract says: counts and digests agree for all
      {{ report.entities|length }} {{ "entity" if report.entities|length == 1 else "entities" }}.</p>
  {% elif report.entities %}
    <strong>Source and target differ</strong>
    {% if unequal %}
    <p>Not equal: {{ unequal|join(", ") }}. The table below says whether rows were rejected, are missing, or have other contents.</p>
    {% endif %}
    {% for place, items in report.foreign.items() %}
    <p>{{ place }}: {{ items|count }} {{ "item" if items == 1 else "items" }} that the contract does not know.</p>
    {% endfor %}
  {% else %}
    <strong>Nothing was compared</strong>
    <p>The run has no entity in its validation. Run the stage validate, then ask for the report again.</p>
  {% endif %}
  </div>
</div>

<dl class="figures">
  <div><dt>rows in the source</dt><dd>{{ report.totals.source_rows|count }}</dd></div>
  <div><dt>items in DynamoDB</dt><dd>{{ report.totals["items"]|count }}</dd></div>
  <div><dt>rejects</dt><dd>{{ report.totals.rejects|count }}</dd></div>
  <div><dt>in all stages</dt><dd>{{ elapsed|seconds }}</dd></div>
</dl>

<section>
  <h2>What went where</h2>
  <svg class="flow" viewBox="0 0 1000 170" role="img"
    aria-label="Rows go from MySQL through DMS and S3 into DynamoDB; both ends are compared">
    {% set boxes = [("MySQL source", report.totals.source_rows|count ~ " rows"), ("AWS DMS", "full load"),
      ("Amazon S3", report.totals.staged_rows|count ~ " rows"), ("Worker", "rows become items"),
      ("DynamoDB", report.totals["items"]|count ~ " items")] %}
    {% for name, detail in boxes %}
    <rect class="box" x="{{ 4 + loop.index0 * 208 }}" y="20" width="160" height="70" rx="10"/>
    <text class="middle strong" x="{{ 84 + loop.index0 * 208 }}" y="51">{{ name }}</text>
    <text class="middle soft figure" x="{{ 84 + loop.index0 * 208 }}" y="73">{{ detail }}</text>
    {% if not loop.last %}
    <path class="arrow" d="M{{ 168 + loop.index0 * 208 }} 55h34"/><path class="head" d="M{{ 210 + loop.index0 * 208 }} 55l-9 -5v10z"/>
    {% endif %}
    {% endfor %}
    <path class="proof" d="M84 94v32q0 12 12 12h808q12 0 12 -12v-32"/>
    <text class="middle soft" x="500" y="161">
      {{- "validated: counts and digests agree" if report.equal else "validated: the two ends do not agree" }}</text>
  </svg>
</section>

<section>
  <h2>Entities</h2>
  <div class="wide"><table>
    <thead><tr><th>Entity</th><th class="number">Source rows</th><th class="number">Staged rows</th>
      <th class="number">Items</th><th class="number">Rejects</th><th>Digest of source, of target</th><th>Verdict</th></tr></thead>
    <tbody>
    {% for entity in report.entities %}
    <tr><td>{{ entity.entity }}</td>
      <td class="number">{{ entity.source_rows|count }}</td>
      <td class="number">{{ entity.staged_rows|count }}</td>
      <td class="number">{{ entity["items"]|count }}</td>
      <td class="number{{ ' rejects' if entity.rejects }}">{{ entity.rejects|count }}</td>
      <td><code>{{ entity.digest_source }}</code>
        <code class="{{ 'soft' if entity.digest_source == entity.digest_target }}">{{ entity.digest_target }}</code></td>
      <td class="{{ 'good' if entity.equal else 'bad' }}">{{ "equal" if entity.equal else "differs" }}</td></tr>
    {% endfor %}
    </tbody>
    <tfoot><tr><td>All</td><td class="number">{{ report.totals.source_rows|count }}</td>
      <td class="number">{{ report.totals.staged_rows|count }}</td>
      <td class="number">{{ report.totals["items"]|count }}</td><td class="number">{{ report.totals.rejects|count }}</td><td></td>
      <td class="{{ 'good' if report.equal else 'bad' }}">{{ "equal" if report.equal else "differs" }}</td></tr></tfoot>
  </table></div>
  <p class="note">A digest is the sum of the 128-bit hashes of all items of the entity in canonical form.
    It does not depend on their order.</p>
</section>

{% if bars %}
<section>
  <h2>Rows and items of each entity</h2>
  <p class="legend"><span><i style="background: var(--track)"></i>rows in the source</span>
    <span><i style="background: var(--accent)"></i>items in DynamoDB</span></p>
  <svg class="chart" viewBox="0 0 1000 {{ bars|length * 44 }}" role="img"
    aria-label="Bars of rows and items of each entity; the figures are in the table above">
    {% for bar in bars %}
    <g transform="translate(0 {{ loop.index0 * 44 }})">
      <text x="0" y="24">{{ bar.entity|truncate(26, True, "...") }}</text>
      <rect class="source" x="230" y="5" width="{{ bar.source_width }}" height="14" rx="3"/>
      <rect class="{{ 'target' if bar.equal else 'differs' }}" x="230" y="21" width="{{ bar.items_width }}" height="14" rx="3"/>
      <text class="figure soft" x="{{ 240 + [bar.source_width, bar.items_width]|max }}" y="24">
        {{- bar.source_rows|count }}{% if bar.source_rows != bar["items"] %} / {{ bar["items"]|count }}{% endif %}</text>
    </g>
    {% endfor %}
  </svg>
</section>
{% endif %}

{% if stages %}
<section>
  <h2>Where the time went</h2>
  <svg class="chart" viewBox="0 0 1000 {{ stages|length * 32 }}" role="img" aria-label="Seconds of each stage, one after the other">
    {% for stage in stages %}
    <g transform="translate(0 {{ loop.index0 * 32 }})">
      <text x="0" y="21">{{ stage.name|truncate(26, True, "...") }}</text>
      <rect class="source" x="230" y="14" width="560" height="1"/>
      <rect class="target" x="{{ 230 + stage.start }}" y="6" width="{{ stage.width }}" height="18" rx="3"/>
      <text class="figure" x="810" y="21">{{ stage.seconds|seconds }}</text>
      <text class="figure soft" x="930" y="21">{{ stage.share }} %</text>
    </g>
    {% endfor %}
  </svg>
  <dl class="figures">
  {% for name, rate in report.rates.items() %}
    <div><dt>rows a second, {{ name }}</dt><dd>{{ rate|count }}</dd></div>
  {% endfor %}
  </dl>
</section>
{% endif %}

<footer>Landbridge {{ report.version }}. The same figures for machines: report.json beside this page.</footer>
</main>
</body>
</html>
"""
