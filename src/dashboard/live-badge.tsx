import { useApp } from './app-context.ts';
import { useStore } from './store.ts';

const words = { connecting: 'Connecting', 'catching up': 'Catching up', live: 'Live', offline: 'Offline' } as const;

/** Whether what the pages show is what is. */
export function LiveBadge() {
  const { feed } = useApp();
  const { state, lagMs, seq } = useStore(feed.status);
  const lag = lagMs === null || state === 'offline' ? null : formatLag(lagMs);
  return (
    <span
      class={`live-badge ${state.replace(' ', '-')}`}
      title={seq === null ? 'No change seen yet' : `Change ${seq} of the account's log`}
    >
      <span class="dot" aria-hidden="true" />
      <span role="status">{words[state]}</span>
      {lag !== null && <span class="lag">{lag}</span>}
    </span>
  );
}

const formatLag = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s behind`);
