import type { FiredEvent } from '../documents/lead.ts';
import { formatMoney } from '../ui/numbers.ts';
import { Time } from '../ui/time.tsx';

export function EventList({ events }: { readonly events: readonly FiredEvent[] }) {
  return (
    <div class="scroll-x" tabindex={0} role="group" aria-label="Events">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">Event</th>
            <th scope="col">Campaign</th>
            <th scope="col" class="number">
              Revenue
            </th>
            <th scope="col" class="number">
              Payout
            </th>
            <th scope="col">When</th>
          </tr>
        </thead>
        <tbody>
          {events.map(({ id, eventType, campaign, isConversion, revenue, payout, occurredAt }) => (
            <tr key={id}>
              <td>
                {eventType.name} {isConversion && <span class="tag good">conversion</span>}
              </td>
              <td>{campaign?.cid}</td>
              <td class="number">{revenue === null ? '' : formatMoney(revenue)}</td>
              <td class="number">{payout === null ? '' : formatMoney(payout)}</td>
              <td>
                <Time at={occurredAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
