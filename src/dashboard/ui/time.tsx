import { createStore, useStore } from '../store.ts';

/** The zone in which times are shown, chosen on the Overview and kept for all pages. */
const storageName = 'leadgraph.zone';
export const localZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
export const timeZone = createStore<string>(validZone(localStorage.getItem(storageName)) ?? localZone);

export function chooseZone(zone: string): void {
  const valid = validZone(zone);
  if (valid === null) return;
  localStorage.setItem(storageName, valid);
  timeZone.set(valid);
}

export function validZone(zone: string | null): string | null {
  if (zone === null) return null;
  try {
    return Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(name: 'short' | 'full', zone: string): Intl.DateTimeFormat {
  const key = `${name} ${zone}`;
  const known = formats.get(key);
  if (known) return known;
  const options: Record<typeof name, Intl.DateTimeFormatOptions> = {
    short: { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    full: { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' },
  };
  const format = new Intl.DateTimeFormat('en-US', { ...options[name], timeZone: zone });
  formats.set(key, format);
  return format;
}

interface TimeProps {
  readonly at: string;
  readonly seconds?: boolean;
}

/** A moment with its zone; the whole of it as a tooltip. */
export function Time(props: TimeProps) {
  const zone = useStore(timeZone);
  return <TimeIn {...props} zone={zone} />;
}

/** The same for long lists, which watch the zone once for all their rows. */
export function TimeIn({ at, seconds = false, zone }: TimeProps & { readonly zone: string }) {
  const time = new Date(at);
  const full = `${formatOf('full', zone).format(time)} (${zone})`;
  return (
    <time dateTime={at} title={full}>
      {formatOf(seconds ? 'full' : 'short', zone).format(time)}
    </time>
  );
}

/** Says once for a page in which zone its times are. */
export function ZoneNote() {
  const zone = useStore(timeZone);
  return <span class="zone-note">Times in {zone.replaceAll('_', ' ')}</span>;
}
