import { createWebhook, updateWebhook, type Webhook, type WebhookSettings } from '../documents/webhooks.ts';
import { pipelineStages } from '../documents/session.ts';
import type { Refusal } from '../graph/document.ts';
import { request } from '../graph/request.ts';
import { useQuery } from '../graph/use-query.ts';
import { CheckField, CheckGroup, SelectField, TextAreaField, TextField } from '../ui/fields.tsx';
import { textOf, tickedOf } from '../ui/form-values.ts';
import { FormDialog } from '../ui/form.tsx';
import { useAction } from '../ui/use-action.ts';
import { FilterFields } from './filter-fields.tsx';
import { webhookEvents } from './webhook-events.ts';
import { filterFrom } from './webhook-filter.ts';
import { parseHeaderLines, toHeaderLines } from './webhook-headers.ts';

interface WebhookFormProps {
  /** Null: a new one. */
  readonly webhook: Webhook | null;
  readonly onClose: () => void;
  readonly onCreated: (secret: string) => void;
  readonly onSaved: () => void;
}

const methods = ['POST', 'PUT', 'PATCH', 'GET'];
const blames = { NAME_TAKEN: 'name', WEBHOOK_URL_NOT_ALLOWED: 'url', HEADER_NOT_ALLOWED: 'headers' };

/** Everything that can be set of a webhook, but its secret. */
export function WebhookForm({ webhook, onClose, onCreated, onSaved }: WebhookFormProps) {
  const action = useAction();
  const { data: pipeline } = useQuery(pipelineStages, {});
  const filter = webhook?.filter ?? {};
  // A filter is drawn once the stages are known: their boxes are part of it.
  const stages = pipeline?.pipeline.stages.map(({ name }) => name);

  function save(data: FormData): void {
    const parsed = parseHeaderLines(textOf(data, 'headers'));
    if ('badLine' in parsed) {
      const refusal = badHeaderLine(parsed.badLine);
      return action.run(
        async () => refusal,
        () => {},
      );
    }
    const format = textOf(data, 'payloadFormat');
    const input: WebhookSettings = {
      name: textOf(data, 'name'),
      url: textOf(data, 'url'),
      method: textOf(data, 'method'),
      enabled: webhook?.enabled ?? data.has('enabled'),
      events: tickedOf(data, 'events'),
      headers: parsed.headers,
      filter: filterFrom(data, filter),
      ...(format !== '' && { payloadFormat: format }),
    };
    if (webhook === null) {
      return action.run(
        async () => (await request(createWebhook, { input })).createWebhook,
        ({ secret }) => onCreated(secret),
      );
    }
    const { enabled: _, ...settings } = input;
    return action.run(
      async () => (await request(updateWebhook, { input: { webhookId: webhook.id, ...settings } })).updateWebhook,
      () => onSaved(),
    );
  }

  return (
    <FormDialog
      title={webhook === null ? 'New webhook' : `Edit ${webhook.name}`}
      submit={webhook === null ? 'Create' : 'Save'}
      blames={blames}
      wide
      action={action}
      onClose={onClose}
      onSubmit={save}
    >
      <TextField name="name" label="Name" required value={webhook?.name ?? null} />
      <div class="method-and-url">
        <SelectField name="method" label="Method" value={webhook?.method ?? 'POST'} options={methods.map((name) => [name, name])} />
        <TextField
          name="url"
          label="URL"
          required
          value={webhook?.url ?? null}
          hint="http or https at a public address. Names in braces are filled in: ?tid={transaction_id}."
        />
      </div>
      <CheckGroup name="events" label="Told of" options={webhookEvents} checked={webhook?.events ?? ['save_lead']} />
      <SelectField
        name="payloadFormat"
        label="Body"
        value={webhook?.payloadFormat ?? ''}
        options={[
          ...(webhook === null ? ([['', 'what fits the events']] as const) : []),
          ['legacy', 'legacy: the documented {"data": {…}}'],
          ['full', 'full: type, id, time, seq, the lead, former values'],
        ]}
      />
      <TextAreaField
        name="headers"
        label="Headers"
        rows={2}
        code
        value={toHeaderLines(webhook?.headers ?? {})}
        hint="One a line, like Authorization: Bearer …. Values are kept encrypted; one that is left as ******** stays."
      />
      {stages && <FilterFields filter={filter} stages={stages} />}
      {webhook === null && <CheckField name="enabled" label="Enabled: it is called from now on" checked />}
    </FormDialog>
  );
}

const badHeaderLine = (line: number): Refusal => ({
  __typename: 'InvalidInputError',
  code: 'INVALID_INPUT',
  message: 'A header needs a name and a value.',
  issues: [{ path: ['headers'], message: `Line ${line} must be a name, a colon and a value.` }],
});
