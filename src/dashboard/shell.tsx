import { useState } from 'preact/hooks';
import { useApp } from './app-context.ts';
import { LiveBadge } from './live-badge.tsx';
import { PageBoundary } from './page-boundary.tsx';
import { pages, pageAt } from './pages.ts';
import { Link, usePath, useTitle } from './router.tsx';
import { useStore } from './store.ts';
import { chooseTheme, type Theme, theme } from './theme.ts';
import { Logo } from './ui/logo.tsx';
import { ZoneNote } from './ui/time.tsx';

/** Navigation around the page that the address names. */
export function Shell({ onSignOut }: { readonly onSignOut: (() => void) | null }) {
  const path = usePath();
  const { viewer, canAdminister } = useApp();
  const [menuOpen, setMenuOpen] = useState(false);
  const found = pageAt(path);
  useTitle(found?.page.title ?? 'Not found');

  const visible = pages.filter(({ nav, adminOnly }) => nav !== null && (canAdminister || !adminOnly));
  const groups = [...new Set(visible.map(({ nav }) => nav))];
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="top">
        <Link href="/" class="home" label="Leadgraph: Overview">
          <Logo />
        </Link>
        <LiveBadge />
        <button
          type="button"
          class="button quiet menu-button"
          aria-expanded={menuOpen}
          aria-controls="nav"
          onClick={() => setMenuOpen(!menuOpen)}
        >
          Menu
        </button>
      </header>
      <div class={`side ${menuOpen ? 'open' : ''}`} id="nav">
        <nav aria-label="Pages">
          {groups.map((group) => (
            <ul key={group}>
              {visible
                .filter(({ nav }) => nav === group)
                .map(({ path: href, title }) => (
                  <li key={href}>
                    <Link href={href} current={found?.page.path === href || found?.page.under === href} onClick={() => setMenuOpen(false)}>
                      {title}
                    </Link>
                  </li>
                ))}
            </ul>
          ))}
        </nav>
        <footer>
          <p>
            {viewer.account?.name ?? ''} · {viewer.kind === 'ROOT' ? 'root key' : viewer.name}
          </p>
          <ThemePicker />
          <ZoneNote />
          {onSignOut && (
            <button type="button" class="button quiet small" onClick={onSignOut}>
              Sign out
            </button>
          )}
        </footer>
      </div>
      <main id="main" tabindex={-1}>
        {found && (canAdminister || !found.page.adminOnly) ? (
          <PageBoundary key={`${found.page.path} ${found.parameter}`}>
            <found.page.Content parameter={found.parameter} />
          </PageBoundary>
        ) : (
          <div class="page">
            <h1>Nothing here</h1>
            <p>
              <Link href="/">Back to the Overview</Link>
            </p>
          </div>
        )}
      </main>
    </div>
  );
}

const themes: readonly (readonly [Theme, string])[] = [
  ['system', 'Auto'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

function ThemePicker() {
  const chosen = useStore(theme);
  return (
    <div class="segments" role="group" aria-label="Colours">
      {themes.map(([value, label]) => (
        <button key={value} type="button" aria-pressed={chosen === value} onClick={() => chooseTheme(value)}>
          {label}
        </button>
      ))}
    </div>
  );
}
