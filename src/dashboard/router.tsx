import type { ComponentChildren } from 'preact';
import { createStore, useStore } from './store.ts';

interface Place {
  readonly path: string;
  readonly search: string;
}

const read = (): Place => ({ path: location.pathname, search: location.search });
const place = createStore<Place>(read());
addEventListener('popstate', () => place.set(read()));

export const usePath = (): string => useStore(place).path;

export function go(href: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  const samePage = place.get().path === location.pathname;
  place.set(read());
  if (!samePage) document.querySelector('main')?.scrollTo(0, 0);
}

/** The parameters of the address, and how to change some of them; an empty one is left out. */
export function useSearch(): readonly [URLSearchParams, (changes: Readonly<Record<string, string | null>>) => void] {
  const { search } = useStore(place);
  return [new URLSearchParams(search), change];
}

function change(changes: Readonly<Record<string, string | null>>): void {
  const params = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') params.delete(name);
    else params.set(name, value);
  }
  const text = params.toString();
  go(location.pathname + (text === '' ? '' : `?${text}`), { replace: true });
}

interface LinkProps {
  readonly href: string;
  readonly class?: string;
  readonly label?: string;
  readonly current?: boolean;
  readonly describedBy?: string | undefined;
  readonly draggable?: boolean;
  readonly onClick?: () => void;
  readonly children: ComponentChildren;
}

/** A link within the dashboard: without loading a page, unless the user wants another tab. */
export function Link({ href, label, current = false, describedBy, onClick, children, ...rest }: LinkProps) {
  return (
    <a
      {...rest}
      href={href}
      aria-label={label}
      aria-describedby={describedBy}
      aria-current={current ? 'page' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
        event.preventDefault();
        onClick?.();
        go(href);
      }}
    >
      {children}
    </a>
  );
}
