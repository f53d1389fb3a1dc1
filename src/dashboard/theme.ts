import { createStore } from './store.ts';

export type Theme = 'system' | 'light' | 'dark';

const storageName = 'leadgraph.theme';
const parse = (text: string | null): Theme => (text === 'light' || text === 'dark' ? text : 'system');

export const theme = createStore<Theme>(parse(localStorage.getItem(storageName)));

export function chooseTheme(next: Theme): void {
  localStorage.setItem(storageName, next);
  theme.set(next);
  applyTheme();
}

export function applyTheme(): void {
  const chosen = theme.get();
  document.documentElement.style.colorScheme = chosen === 'system' ? 'light dark' : chosen;
}
