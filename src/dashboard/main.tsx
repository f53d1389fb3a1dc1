import { render } from 'preact';
import { App } from './app.tsx';
import { applyTheme } from './theme.ts';

// Before anything is drawn, and for the sign-in too.
applyTheme();
const root = document.getElementById('app');
if (root) render(<App />, root);
