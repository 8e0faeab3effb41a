import { html } from './html.ts';

/** The one stylesheet. Sizes are in rem and ch, so that a page follows the reader's text size; colours hold 4.5 to 1. */
export const style = html`
:root { color-scheme: light dark; --ink: #1c2128; --soft: #535c66; --ground: #eef1f5; --card: #ffffff; --rule: #d5dae1;
  --edge: #79838f; --act: #0a5599; --act-over: #08447b; --on-act: #ffffff; --bad: #a1102a; --bad-ground: #fdf0f1; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebef; --soft: #b0b8c1; --ground: #12161b; --card: #1c2229;
  --rule: #333c46; --edge: #8a949f; --act: #8cc4fa; --act-over: #b3d8fc; --on-act: #0b1c2e; --bad: #ffa3ab;
  --bad-ground: #38191e; } }
* { box-sizing: border-box; }
html { font: 100%/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center; color: var(--ink);
  background: var(--ground); padding: clamp(1rem, 6vh, 4rem) 1rem 1.5rem; overflow-wrap: anywhere; }
header, main, footer { width: 100%; max-width: 27rem; }
header { display: flex; align-items: center; gap: 0.6rem; font-weight: 600; letter-spacing: 0.01em;
  margin-bottom: 1rem; padding: 0 0.25rem; }
header svg { width: 1.75rem; height: 1.75rem; flex: none; }
.mark-a { fill: var(--act); } .mark-b { fill: none; stroke: var(--act); stroke-width: 2.5; }
main { background: var(--card); border: 1px solid var(--rule); border-radius: 0.75rem;
  padding: clamp(1.25rem, 5vw, 2.25rem); box-shadow: 0 1px 3px rgb(0 0 0 / 0.08); }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 0.5rem; font-weight: 650; text-wrap: balance; }
h2 { font-size: 1rem; margin: 1.25rem 0 0.25rem; }
p { margin: 0 0 0.75rem; } ul { margin: 0 0 1rem; padding-left: 1.25rem; } li { margin: 0.25rem 0; }
.soft, .help { color: var(--soft); } .help { font-size: 0.9rem; margin: 0.4rem 0 0; }
form { margin: 1.25rem 0 0; } .field { margin: 0 0 1.1rem; }
label { display: block; font-weight: 600; margin: 0 0 0.3rem; }
input:not([type=hidden]) { display: block; width: 100%; font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--edge); border-radius: 0.4rem; padding: 0.6rem 0.75rem; min-height: 2.85rem; }
input[aria-invalid=true] { border-color: var(--bad); border-width: 2px; }
input.code { font: 1.25rem/1.4 ui-monospace, "DejaVu Sans Mono", monospace; letter-spacing: 0.18em; }
.fault { color: var(--bad); font-size: 0.9rem; margin: 0.4rem 0 0; }
.summary { border: 1px solid var(--bad); border-left-width: 0.3rem; border-radius: 0.4rem; background: var(--bad-ground);
  padding: 0.75rem 1rem; margin: 1rem 0 0; } .summary h2 { margin: 0 0 0.25rem; color: var(--bad); }
.summary ul { margin: 0; list-style: none; padding: 0; } .summary a { color: var(--bad); }
button, .button { display: block; width: 100%; font: inherit; font-weight: 600; text-align: center; cursor: pointer;
  border-radius: 0.4rem; border: 1px solid var(--act); padding: 0.65rem 1rem; min-height: 2.85rem; margin: 0.6rem 0 0;
  background: var(--act); color: var(--on-act); text-decoration: none; }
button:hover, .button:hover { background: var(--act-over); border-color: var(--act-over); }
button.second { background: transparent; color: var(--act); } button.second:hover { background: var(--ground); }
a { color: var(--act); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
.key, .device { display: block; font: 1.05rem/1.6 ui-monospace, "DejaVu Sans Mono", monospace; letter-spacing: 0.06em;
  background: var(--ground); border-radius: 0.4rem; padding: 0.5rem 0.75rem; margin: 0 0 0.75rem; }
.device { font-size: 1.5rem; text-align: center; letter-spacing: 0.15em; }
.picture { background: #ffffff; border-radius: 0.4rem; padding: 0.5rem; width: min(13rem, 100%); margin: 0.5rem auto; }
.picture svg { display: block; width: 100%; height: auto; }
.end { font-size: 0.9rem; margin: 1.25rem 0 0; }
footer { margin-top: 1rem; padding: 0 0.25rem; font-size: 0.9rem; display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; }
@media (forced-colors: active) { button, .button { border: 2px solid; } }
`;
