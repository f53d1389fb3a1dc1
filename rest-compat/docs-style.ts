/** The look of `/docs`: follows the reader's light or dark setting, and reads well without a wide screen. */
export const stylesheet = `
:root { color-scheme: light dark; --ink: #1c2330; --soft: #5a6478; --line: #d9dee7; --paper: #fff; --box: #f4f6f9; --accent: #1f5fd0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ef; --soft: #9aa5b8; --line: #333b49; --paper: #14181f; --box: #1d232d; --accent: #7fb0ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 4rem; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { margin: 0; font-size: 1.8rem; }
h2 { margin: 2.5rem 0 .5rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { margin: 2rem 0 .5rem; }
h4 { margin: 1.4rem 0 .4rem; color: var(--soft); }
a { color: var(--accent); }
code, pre { font: .88em/1.5 ui-monospace, monospace; }
code { background: var(--box); padding: .1em .3em; border-radius: 4px; }
pre { background: var(--box); border: 1px solid var(--line); border-radius: 8px; padding: .9rem; overflow-x: auto; }
pre code { padding: 0; background: none; }
nav ul { list-style: none; margin: 1rem 0 0; padding: 0; columns: 2 20rem; }
nav b, .method { display: inline-block; min-width: 4.2em; color: var(--accent); }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .93rem; }
th, td { padding: .4rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
`;
