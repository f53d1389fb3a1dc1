import type { Source } from '../../prisma/generated/client/client.ts';
import { authorize } from '../auth/policy.ts';
import type { Context } from '../context.ts';
import { InvalidInputError } from '../errors.ts';
import { checkInput } from '../platform/check-input.ts';
import { newUuid } from '../platform/ids.ts';
import { accountFor } from './attach.ts';
import { refusePidTaken } from './pid.ts';
import { issueSourceKey } from './source.ts';
import { settingsSchema, type SourceSettings } from './source-settings.ts';

export interface CreateSourceInput extends SourceSettings {
  readonly name: string;
  readonly attached?: boolean | null | undefined;
}

export interface CreatedSource {
  readonly source: Source;
  /** Shown this once; only its hash is kept. */
  readonly key: string;
}

export const createSourceErrors = [InvalidInputError] as const;

const inputSchema = settingsSchema.required({ name: true });

/** Makes a source of the caller's account: enabled, and not approved until somebody reviewed it. Its key is in this answer and nowhere else. */
export async function createSource(
  ctx: Pick<Context, 'db' | 'viewer' | 'sources' | 'campaigns'>,
  input: CreateSourceInput,
): Promise<CreatedSource> {
  const ownAccountId = authorize(ctx.viewer, 'administer');
  const accountId = accountFor(ctx.viewer, input.attached);
  const { name, ...settings } = checkInput(inputSchema, input);
  const { token, prefix, lastFour, hash } = issueSourceKey();
  const source = await refusePidTaken(
    ctx.db.source.create({
      data: {
        ...defined(settings),
        id: newUuid(),
        accountId: accountId === undefined ? ownAccountId : accountId,
        name,
        keyPrefix: prefix,
        keyLastFour: lastFour,
        createdBy: ctx.viewer.actor,
        keys: { create: { hash } },
      },
    }),
  );
  ctx.sources.refresh();
  ctx.campaigns.forget();
  return { source, key: token };
}

/** Without what was not mentioned, which Prisma takes from the defaults. */
export const defined = <Settings extends object>(settings: Settings): { [Name in keyof Settings]?: Exclude<Settings[Name], undefined> } =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Settings]?: Exclude<Settings[Name], undefined>;
  };
