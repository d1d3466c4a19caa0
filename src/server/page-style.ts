import { createHash } from 'node:crypto';

/** Inline style sheet of the status page. The Content-Security-Policy allows this style sheet by its hash. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #ffffff; --line: #e2e6ec; --text: #1b2430; --quiet: #566172;
  --link: #1858b8; --good: #17724a; --warn: #8a5200; --bad: #b3261e; --unsure: #5b3fa8; --good-soft: #e5f4ec;
  --warn-soft: #fdf0d9; --bad-soft: #fdeae8; --unsure-soft: #eee9fb; --quiet-soft: #eceff3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1318; --card: #171d25; --line: #29323d; --text: #e4e9f0; --quiet: #9aa6b6;
    --link: #86b7ff; --good: #5fcf9a; --warn: #f0b95a; --bad: #ff968c; --unsure: #c3aeff; --good-soft: #153326;
    --warn-soft: #38290d; --bad-soft: #401b19; --unsure-soft: #2b2347; --quiet-soft: #232c37;
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
h1, h2, h3 { margin: 0; font-weight: 600; letter-spacing: -0.01em; }
h1 { font-size: 21px; }
h1 a { color: inherit; text-decoration: none; }
h2 { font-size: 15px; }
h2.title { font-size: 21px; }
h2.inline { display: inline; }
h3 { font-size: 13px; padding: 10px 18px 4px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 8px; top: 8px; background: var(--card); padding: 8px 12px; z-index: 1; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
[hidden] { display: none !important; }
.local + .utc { color: var(--quiet); }
.banner { border-radius: 12px; padding: 14px 18px; margin: 0 0 18px; border: 1px solid var(--line); background: var(--card); }
.banner h2 { display: flex; align-items: center; gap: 8px; font-size: 18px; }
.banner h2 .icon { width: 18px; height: 18px; }
.banner ul { list-style: none; margin: 8px 0 0; padding: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: 4px; }
.banner li { display: flex; gap: 8px; align-items: baseline; overflow-wrap: anywhere; }
.banner li > span { min-width: 0; }
.banner .name {
  display: inline-block; max-width: min(60ch, 100%); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; vertical-align: bottom;
}
.banner li .icon { position: relative; top: 2px; }
.banner.bad { background: var(--bad-soft); border-color: var(--bad); }
.banner.warn { background: var(--warn-soft); border-color: var(--warn); }
.banner.unsure { background: var(--unsure-soft); border-color: var(--unsure); }
.banner.bad h2, .banner.bad .icon { color: var(--bad); }
.banner.warn h2, .banner.warn .icon { color: var(--warn); }
.banner.unsure h2, .banner.unsure .icon { color: var(--unsure); }
.banner.good, .banner.none { background: none; border: 0; padding: 0 2px; margin-bottom: 14px; }
.banner.good h2, .banner.none h2 { font-size: 15px; }
.banner.bad, .banner.warn, .banner.unsure, .banner.bad .quiet { color: var(--text); }
p.banner { max-width: 1192px; margin-left: auto; margin-right: auto; }
header { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: baseline; padding-top: 24px; padding-bottom: 16px; }
header nav { display: flex; flex-wrap: wrap; gap: 4px 18px; margin-left: auto; }
.quiet { color: var(--quiet); }
.small { font-size: 13px; }
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: 12px; margin-bottom: 18px; overflow: hidden;
}
.card > h2, .head { padding: 14px 18px 12px; }
.head { display: flex; flex-wrap: wrap; gap: 2px 12px; align-items: baseline; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(118px, 1fr)); gap: 12px; margin: 0 0 18px; padding: 0; list-style: none; }
.tile {
  display: block; height: 100%; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 10px 12px;
  color: inherit; text-decoration: none;
}
.tile:hover { border-color: var(--quiet); }
.tile[aria-current] { border-color: var(--link); box-shadow: inset 0 0 0 1px var(--link); }
.tile-name { color: var(--quiet); font-size: 13px; display: flex; align-items: center; gap: 6px; white-space: nowrap; }
.tile-count { display: block; margin-top: 2px; font-size: 26px; line-height: 1.2; font-weight: 600; letter-spacing: -0.02em; }
.tile.none .tile-count { color: var(--quiet); font-weight: 400; }
form { display: flex; flex-wrap: wrap; gap: 8px; margin-left: auto; }
input, select, button {
  font: inherit; font-size: 14px; color: inherit; background: var(--ground); border: 1px solid var(--quiet); border-radius: 8px;
  padding: 5px 10px; max-width: 100%;
}
input { width: 250px; }
button { cursor: pointer; }
.sort { color: inherit; text-decoration: none; }
.sort:hover { text-decoration: underline; }
th[aria-sort] .sort { color: var(--text); font-weight: 600; }
th[aria-sort=ascending] .sort::after { content: " \\2191"; content: " \\2191" / ""; }
th[aria-sort=descending] .sort::after { content: " \\2193"; content: " \\2193" / ""; }
.pages { float: right; }
.trouble { font-weight: 500; }
.padded { padding: 16px 18px; }
.line { display: flex; justify-content: space-between; align-items: baseline; }
.present { margin: 14px 0; }
svg[width="0"] { position: absolute; }
.wide-spark .spark { width: 100%; max-width: 760px; height: auto; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 12px 18px; margin: 14px 0 0; }
.facts dt { font-size: 13px; color: var(--quiet); overflow-wrap: anywhere; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
summary { padding: 12px 18px; cursor: pointer; }
summary h2 { display: inline; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 18px; }
.uneven { grid-template-columns: 5fr 4fr; align-items: start; }
.uneven th { white-space: normal; }
.notes { margin: 0; padding: 0 18px 14px 36px; }
.notes li { margin: 2px 0; }
table { width: 100%; border-collapse: collapse; }
th {
  text-align: left; font-weight: 500; font-size: 13px; color: var(--quiet); padding: 6px 10px; white-space: nowrap;
  border-bottom: 1px solid var(--line);
}
td { padding: 8px 10px; border-top: 1px solid var(--line); vertical-align: middle; }
tbody tr:first-child td { border-top: 0; }
th:first-child, td:first-child { padding-left: 18px; }
th:last-child, td:last-child { padding-right: 18px; }
.number { text-align: right; white-space: nowrap; }
td bdi, td .name { overflow-wrap: anywhere; }
.name { font-weight: 600; overflow-wrap: anywhere; }
td > .name { display: inline-block; max-height: 4.6em; overflow: hidden; vertical-align: bottom; }
td > .name:has(+ .note) { display: -webkit-box; width: fit-content; max-width: 100%; -webkit-box-orient: vertical; -webkit-line-clamp: 3; }
@media (min-width: 1221px) {
  table[aria-labelledby=domains] { table-layout: fixed; }
  table[aria-labelledby=domains] th:first-child { width: 40%; }
  table[aria-labelledby=domains] .state { white-space: normal; text-align: left; border-radius: 12px; }
  table[aria-labelledby=streams] { table-layout: fixed; }
  table[aria-labelledby=streams] th { width: 11.5%; }
  table[aria-labelledby=streams] th:nth-child(1) { width: 17%; }
  table[aria-labelledby=streams] th:nth-child(2) { width: 21.5%; }
  table[aria-labelledby=streams] th:nth-child(3) { width: 10.5%; }
  table[aria-labelledby=streams] th:nth-child(4) { width: 14%; }
  table[aria-labelledby=streams] th:nth-child(5) { width: 13.5%; }
  table[aria-labelledby=streams] th:nth-child(6) { width: 12%; }
  table[aria-labelledby=streams] .note.bad {
    display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden;
  }
}
.local, .utc { white-space: nowrap; }
.marks { display: inline-flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; }
.age { font-weight: 500; }
td.late .note { white-space: normal; }
th .limit, .wide-spark span.limit { font-size: 11px; white-space: nowrap; border-bottom: 1px dashed var(--warn); }
.big { font-size: 17px; font-weight: 600; letter-spacing: -0.01em; }
.state {
  display: inline-flex; align-items: center; gap: 6px; padding: 2px 10px 2px 8px; border-radius: 99px; font-size: 13px;
  font-weight: 500; white-space: nowrap; background: var(--quiet-soft); color: var(--quiet);
}
.state.long { white-space: normal; overflow-wrap: anywhere; border-radius: 12px; }
.state.good { background: var(--good-soft); color: var(--good); }
.state.warn { background: var(--warn-soft); color: var(--warn); }
.state.unsure { background: var(--unsure-soft); color: var(--unsure); }
.state.bad { background: var(--bad-soft); color: var(--bad); }
.icon {
  width: 13px; height: 13px; flex: none; fill: none; stroke: currentColor; stroke-width: 1.6;
  stroke-linecap: round; stroke-linejoin: round;
}
.unsure > .icon, .tile-name.unsure { color: var(--unsure); }
.good > .icon, .good { color: var(--good); }
.warn > .icon, .warn { color: var(--warn); }
.bad > .icon, .bad { color: var(--bad); }
.note { font-size: 13px; margin-top: 2px; overflow-wrap: anywhere; }
.labels { display: flex; flex-wrap: wrap; gap: 4px; margin-top: 4px; }
.label { font-size: 12px; padding: 0 7px; border-radius: 6px; background: var(--quiet-soft); color: var(--quiet); overflow-wrap: anywhere; }
.spark { display: block; width: 168px; max-width: 100%; height: 36px; }
.spark .line { fill: none; stroke: var(--link); stroke-width: 1.5; stroke-linejoin: round; stroke-linecap: round; }
.spark .area { fill: var(--link); opacity: 0.12; stroke: none; }
.spark .low { fill: none; stroke: var(--bad); stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
.spark .limit { stroke: var(--warn); stroke-width: 1; stroke-dasharray: 3 3; }
.spark .base { stroke: var(--line); stroke-width: 1; }
.spark .now { stroke: var(--link); stroke-width: 5; stroke-linecap: round; }
.spark .low-now { stroke: var(--bad); }
.spark path { vector-effect: non-scaling-stroke; }
.empty { padding: 8px 18px 22px; color: var(--quiet); }
.more { margin: 0; padding: 12px 18px; border-top: 1px solid var(--line); }
footer { padding-top: 4px; padding-bottom: 32px; }
@media (max-width: 1220px) {
  .pair, .uneven { grid-template-columns: minmax(0, 1fr); }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  thead:has(.sort) { position: static; display: block; width: auto; height: auto; clip-path: none; padding: 0 18px 10px; }
  thead:has(.sort) tr { display: flex; flex-wrap: wrap; gap: 2px 14px; font-size: 13px; color: var(--quiet); }
  thead tr::before { content: attr(data-label); }
  thead:has(.sort) th { border: 0; padding: 0; }
  th:not(:has(.sort)) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  th .sort { text-decoration: underline; }
  table, tbody { display: block; }
  tbody tr { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 8px 14px; padding: 12px 18px; border-top: 1px solid var(--line); }
  tbody tr:first-child { border-top: 1px solid var(--line); }
  td, td:first-child, td:last-child { display: block; border: 0; padding: 0; min-width: 0; }
  td.number { text-align: left; white-space: normal; }
  td.wide { grid-column: span 2; }
  td.late { order: 1; }
  td.labeled::before { content: attr(data-label); display: block; font-size: 12px; color: var(--quiet); }
  .spark { width: 100%; height: auto; max-width: 340px; }
}
@media (max-width: 700px) {
  main, header, footer { padding-left: 14px; padding-right: 14px; }
  header nav, form { margin-left: 0; }
  tbody tr { grid-template-columns: 1fr 1fr; padding: 14px 16px; }
}
@media (max-width: 480px) {
  .tiles { grid-template-columns: repeat(3, 1fr); gap: 8px; }
  .tiles > .none { display: none; }
  .tile { padding: 8px 10px; }
  .tile-count { font-size: 20px; }
  form, form label { width: 100%; }
  input, select { width: 100%; }
}
`;

/** Hash of the style sheet, in the form that the Content-Security-Policy requires. */
export const styleHash = `sha256-${createHash('sha256').update(pageStyle).digest('base64')}`;
