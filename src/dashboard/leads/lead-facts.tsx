import type { ComponentChildren } from 'preact';
import type { Conversation, LeadDetail } from '../documents/lead.ts';
import { Link } from '../router.tsx';
import { formatMoney, formatPercent } from '../ui/numbers.ts';
import { Time } from '../ui/time.tsx';
import { leadPath } from './lead-name.ts';
import { JsonDetails } from './receipt.tsx';

type Fact = readonly [string, ComponentChildren];

/** Every field that has a value, in groups. */
export function LeadFacts({ lead }: { readonly lead: LeadDetail }) {
  const { address, form, utm } = lead;
  const formText = form.completionPercent === null ? null : `${formatPercent(form.completionPercent)}${fieldsText(form)}`;
  return (
    <>
      <Facts
        title="Person"
        facts={[
          ['Email', lead.email],
          ['Phone', lead.phone],
          ['International', lead.phoneE164 === lead.phone ? null : lead.phoneE164],
          ['Company', lead.company],
          ['Position', lead.position],
          ['Website', lead.website],
          ['Twitter', lead.twitter],
          ['LinkedIn', lead.linkedin],
          ['Address', address && Object.values(address).filter(Boolean).join(', ')],
          ['Birth date', lead.birthDate],
          ['Gender', lead.gender],
          ['Notes', lead.notes],
          ['Score', lead.score],
          ['Tags', lead.tags.join(', ')],
        ]}
      />
      <Facts
        title="Where from"
        facts={[
          ['Source', lead.sourceName],
          ['Campaign', lead.campaignName],
          ['Domain', lead.domain],
          ['utm_source', utm.source],
          ['utm_medium', utm.medium],
          ['utm_campaign', utm.campaign],
          ['utm_term', utm.term],
          ['utm_content', utm.content],
          ['Referrer', lead.referrer],
          ['Landing page', lead.landingPage],
          ['IP', lead.ipAddress],
          ['Device', lead.deviceType],
          ['Browser', lead.browser],
          ['User agent', lead.userAgent],
          ['Form', formText],
          ['Product', lead.product],
          ['TrustedForm', lead.trustedFormUrl],
          ['Certificate', lead.trustedFormStatus],
        ]}
      />
      {lead.conversation && <Facts title="Conversation" facts={conversationFacts(lead.conversation)} />}
      <Facts
        title="Money and ids"
        facts={[
          ['Revenue', nonZero(lead.revenue)],
          ['Payout', nonZero(lead.payout)],
          ['Cost', nonZero(lead.cost)],
          ['Ad spend', nonZero(lead.adSpend)],
          ['Price', lead.price === null ? null : formatMoney(lead.price)],
          ['Id', <code>{lead.uuid}</code>],
          ['CRM id', lead.crmLeadId],
          ['External id', lead.externalId],
          ['Seller id', lead.sellerLeadId],
          ['Transaction id', lead.transactionId],
          ['Repeats', lead.duplicateOf && <Link href={leadPath(lead.duplicateOf.number)}>Lead {lead.duplicateOf.number}</Link>],
          ['Created', <Time at={lead.createdAt} seconds />],
          ['Changed', <Time at={lead.updatedAt} seconds />],
        ]}
      />
      {typeof lead.customData === 'object' && lead.customData !== null && Object.keys(lead.customData).length > 0 && (
        <JsonDetails label="Custom data" value={lead.customData} />
      )}
    </>
  );
}

function Facts({ title, facts }: { readonly title: string; readonly facts: readonly Fact[] }) {
  const known = facts.filter(([, value]) => value !== null && value !== '');
  if (known.length === 0) return null;
  return (
    <section class="panel">
      <h2>{title}</h2>
      <dl class="facts">
        {known.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const turns: Readonly<Record<Conversation['status'], readonly [tone: string, text: string]>> = {
  FAILED: ['bad', 'a message could not be delivered'],
  NEEDS_REPLY: ['warn', 'the person waits for an answer'],
  OPEN: ['', 'open'],
  WAITING: ['', 'we wait for the person'],
};

function conversationFacts({ status, isUnread, lastSnippet, lastEventAt, createdAt }: Conversation): readonly Fact[] {
  const [tone, text] = turns[status];
  return [
    [
      'Turn',
      <>
        <span class={`tag ${tone}`}>{text}</span> {isUnread && <span class="tag good">unread</span>}
      </>,
    ],
    ['Last message', lastSnippet],
    ['Last moved', <Time at={lastEventAt} />],
    ['Begun', <Time at={createdAt} />],
  ];
}

const nonZero = (decimal: string): string | null => (Number(decimal) === 0 ? null : formatMoney(decimal));

const fieldsText = ({ fieldsCompleted, fieldsTotal }: LeadDetail['form']): string =>
  fieldsCompleted === null || fieldsTotal === null ? '' : ` (${fieldsCompleted} of ${fieldsTotal} fields)`;
