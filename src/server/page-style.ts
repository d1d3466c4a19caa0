import { createHash } from 'node:crypto';

/** Inline style sheet of the status page. The Content-Security-Policy allows this style sheet by its hash. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #ffffff; --line: #e2e6ec; --text: #1b2430; --quiet: #566172;
  --link: #1858b8; --good: #17724a; --warn: #8a5200; --bad: #b3261e; --good-soft: #e5f4ec; --warn-soft: #fdf0d9;
  --bad-soft: #fdeae8; --quiet-soft: #eceff3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1318; --card: #171d25; --line: #29323d; --text: #e4e9f0; --quiet: #9aa6b6;
    --link: #86b7ff; --good: #5fcf9a; --warn: #f0b95a; --bad: #ff968c; --good-soft: #153326; --warn-soft: #38290d;
    --bad-soft: #401b19; --quiet-soft: #232c37;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", sans-serif;
  font-variant-numeric: tabular-nums;
}
main, header, footer { max-width: 1240px; margin: 0 auto; padding: 0 24px; }
a { color: var(--link); text-underline-offset: 3px; }
h1, h2 { margin: 0; font-weight: 600; letter-spacing: -0.01em; }
h1 { font-size: 21px; }
h2 { font-size: 15px; }
header { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: baseline; padding-top: 24px; padding-bottom: 16px; }
header nav { display: flex; flex-wrap: wrap; gap: 4px 18px; margin-left: auto; }
.quiet { color: var(--quiet); }
.small { font-size: 13px; }
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: 12px; margin-bottom: 18px; overflow: hidden;
}
.card > h2, .card > .head { padding: 14px 18px 12px; }
.head { display: flex; flex-wrap: wrap; gap: 2px 12px; align-items: baseline; }
.tiles { display: grid; grid-template-columns: repeat(6, 1fr); gap: 12px; margin: 0 0 18px; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 12px 16px; }
.tile dt { color: var(--quiet); font-size: 13px; display: flex; align-items: center; gap: 6px; }
.tile dd { margin: 2px 0 0; font-size: 26px; line-height: 1.2; font-weight: 600; letter-spacing: -0.02em; }
.tile.none dd { color: var(--quiet); font-weight: 400; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 18px; }
.uneven { grid-template-columns: 3fr 2fr; align-items: start; }
.notes { margin: 0; padding: 0 18px 14px 36px; }
.notes li { margin: 2px 0; }
table { width: 100%; border-collapse: collapse; }
th {
  text-align: left; font-weight: 500; font-size: 13px; color: var(--quiet); padding: 6px 10px; white-space: nowrap;
  border-bottom: 1px solid var(--line);
}
td { padding: 10px; border-top: 1px solid var(--line); vertical-align: middle; }
tbody tr:first-child td { border-top: 0; }
th:first-child, td:first-child { padding-left: 18px; }
th:last-child, td:last-child { padding-right: 18px; }
.number { text-align: right; white-space: nowrap; }
td bdi, td .name { overflow-wrap: anywhere; }
.name { font-weight: 600; }
.big { font-size: 17px; font-weight: 600; letter-spacing: -0.01em; }
.state {
  display: inline-flex; align-items: center; gap: 6px; padding: 2px 10px 2px 8px; border-radius: 99px; font-size: 13px;
  font-weight: 500; white-space: nowrap; background: var(--quiet-soft); color: var(--quiet);
}
.state.long { white-space: normal; overflow-wrap: anywhere; border-radius: 12px; }
.state.good { background: var(--good-soft); color: var(--good); }
.state.warn { background: var(--warn-soft); color: var(--warn); }
.state.bad { background: var(--bad-soft); color: var(--bad); }
.icon {
  width: 13px; height: 13px; flex: none; fill: none; stroke: currentColor; stroke-width: 1.6;
  stroke-linecap: round; stroke-linejoin: round;
}
.good > .icon, .good { color: var(--good); }
.warn > .icon, .warn { color: var(--warn); }
.bad > .icon, .bad { color: var(--bad); }
.note { font-size: 13px; margin-top: 2px; overflow-wrap: anywhere; }
.labels { display: flex; flex-wrap: wrap; gap: 4px; margin-top: 4px; }
.label { font-size: 12px; padding: 0 7px; border-radius: 6px; background: var(--quiet-soft); color: var(--quiet); overflow-wrap: anywhere; }
.spark { display: block; width: 168px; height: 36px; }
.spark .line { fill: none; stroke: var(--link); stroke-width: 1.5; stroke-linejoin: round; stroke-linecap: round; }
.spark .area { fill: var(--link); opacity: 0.12; stroke: none; }
.spark .limit { stroke: var(--warn); stroke-width: 1; stroke-dasharray: 3 3; }
.spark .base { stroke: var(--line); stroke-width: 1; }
.spark .now { fill: var(--link); }
.empty { padding: 8px 18px 22px; color: var(--quiet); }
.more { margin: 0; padding: 12px 18px; border-top: 1px solid var(--line); }
footer { padding-top: 4px; padding-bottom: 32px; }
@media (max-width: 1000px) { .pair, .uneven { grid-template-columns: minmax(0, 1fr); } .tiles { grid-template-columns: repeat(3, 1fr); } }
@media (max-width: 860px) {
  main, header, footer { padding-left: 14px; padding-right: 14px; }
  header nav { margin-left: 0; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  table, tbody { display: block; }
  tbody tr { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 14px; padding: 14px 16px; border-top: 1px solid var(--line); }
  tbody tr:first-child { border-top: 1px solid var(--line); }
  .uneven tbody tr { grid-template-columns: 4fr 5fr; }
  td, td:first-child, td:last-child { display: block; border: 0; padding: 0; min-width: 0; }
  td.number { text-align: left; white-space: normal; }
  td.wide { grid-column: 1 / -1; }
  td.late { order: 1; }
  td.labeled::before { content: attr(data-label); display: block; font-size: 12px; color: var(--quiet); }
  .spark { width: 100%; height: auto; max-width: 340px; }
}
@media (max-width: 480px) { .tiles { grid-template-columns: repeat(2, 1fr); gap: 10px; } .tile dd { font-size: 22px; } }
`;

/** Hash of the style sheet, in the form that the Content-Security-Policy requires. */
export const styleHash = `sha256-${createHash('sha256').update(pageStyle).digest('base64')}`;
