import type { ComponentChildren } from 'preact';
import type { Webhook } from '../documents/webhooks.ts';
import { plural } from '../ui/numbers.ts';
import { Time } from '../ui/time.tsx';
import { HealthTag } from './health.tsx';
import { filterText } from './webhook-filter.ts';

const disabledBecause: Readonly<Record<string, string>> = {
  GONE: 'it answered 410: it is gone',
  FAILING: 'nothing but failures for five days',
};

/** How a webhook is set, and how it does. */
export function WebhookFacts({ webhook }: { readonly webhook: Webhook }) {
  const { method, url, events, payloadFormat, headers, filter } = webhook;
  const names = Object.keys(headers);
  return (
    <dl class="facts">
      <Fact name="Health">
        <Health webhook={webhook} />
      </Fact>
      <Fact name="Calls">
        <code>{`${method} ${url}`}</code>
      </Fact>
      <Fact name="Told of">{events.join(', ')}</Fact>
      <Fact name="Only leads with">{filterText(filter) ?? <span class="muted">any: all leads</span>}</Fact>
      <Fact name="Body">{payloadFormat}</Fact>
      <Fact name="Headers">{names.length === 0 ? <span class="muted">none of its own</span> : <code>{names.join(', ')}</code>}</Fact>
    </dl>
  );
}

function Health({ webhook }: { readonly webhook: Webhook }) {
  const { health, lastSuccessAt, consecutiveFailures, disablesAt, disabledAt, disabledReason } = webhook;
  return (
    <>
      <HealthTag health={health} />{' '}
      <span class="muted">
        {lastSuccessAt === null ? (
          'nothing delivered yet'
        ) : (
          <>
            last success <Time at={lastSuccessAt} />
          </>
        )}
        {consecutiveFailures > 0 && `, ${plural(consecutiveFailures, 'failure')} in a row`}
        {disablesAt !== null && (
          <>
            ; disabled <Time at={disablesAt} /> if it goes on
          </>
        )}
        {disabledAt !== null && (
          <>
            ; disabled since <Time at={disabledAt} />
            {disabledReason !== null && `: ${disabledBecause[disabledReason] ?? disabledReason}`}
          </>
        )}
      </span>
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
