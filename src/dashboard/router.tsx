import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { createStore, useStore } from './store.ts';

interface Place {
  readonly path: string;
  readonly search: string;
  /** By the buttons of the browser rather than by a link. */
  readonly isReturn: boolean;
}

const read = (isReturn = false): Place => ({ path: location.pathname, search: location.search, isReturn });
const place = createStore<Place>(read());
addEventListener('popstate', () => place.set(read(true)));

export const usePath = (): string => useStore(place).path;
/** Also when a link leads to where one already is. */
export const onNavigate = (listener: () => void): (() => void) => place.watch(listener);
export const isReturn = (): boolean => place.get().isReturn;

export function go(href: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  const samePage = place.get().path === location.pathname;
  place.set(read());
  if (samePage) return;
  const main = document.querySelector('main');
  main?.scrollTo(0, 0);
  // The link may be gone with the page it stood on; the keyboard goes on in the new one.
  main?.focus({ preventScroll: true });
}

/** Changes some parameters of the address; an empty one is left out. `replace`: the way back does not stop at what was before. */
export type ChangeSearch = (changes: Readonly<Record<string, string | null>>, options?: { readonly replace?: boolean }) => void;

/** The parameters of the address, and how to change them. */
export function useSearch(): readonly [URLSearchParams, ChangeSearch] {
  const { search } = useStore(place);
  return [new URLSearchParams(search), change];
}

const change: ChangeSearch = (changes, options) => {
  const params = new URLSearchParams(location.search);
  const before = params.toString();
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') params.delete(name);
    else params.set(name, value);
  }
  const text = params.toString();
  if (text !== before) go(location.pathname + (text === '' ? '' : `?${text}`), options);
};

/** What the browser calls the page. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Leadgraph`;
  }, [title]);
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
