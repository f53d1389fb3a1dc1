import type { InputIssue } from '../errors.ts';
import type { ActiveSource } from '../sources/source.ts';
import { toProductKey } from '../sources/source.ts';
import { certificateUrlProblem } from '../trusted-form/certificate-url.ts';
import { isEmail } from './email.ts';
import type { ParsedSubmission, SubmitLeadInput } from './submission.ts';
import { toUsE164 } from './us-phone.ts';

/** What a check may look at. */
export interface CheckedSubmission extends ParsedSubmission {
  readonly input: SubmitLeadInput;
  readonly source: ActiveSource;
  /** Whether certificates are looked at on this server. */
  readonly checksCertificates: boolean;
}

interface CheckWords {
  /** The case that is refused, for people. */
  readonly refuses: string;
  readonly status: 400 | 401 | 403;
  readonly code: string;
}

/** A check of the credential, made by the authenticator. */
interface CredentialCheck extends CheckWords {
  readonly of: 'credential';
}

/** A check of the source: the first that fails ends the request. */
interface SourceCheck extends CheckWords {
  readonly of: 'source';
  readonly fails: (source: ActiveSource) => boolean;
}

/** A check of the lead: all that fail are answered together. */
interface LeadCheck extends CheckWords {
  readonly of: 'lead';
  readonly issues: (submission: CheckedSubmission) => readonly InputIssue[];
}

export type SubmissionCheck = CredentialCheck | SourceCheck | LeadCheck;

const fails = (path: readonly string[], code: string, message: string): readonly InputIssue[] => [{ path, code, message }];
const passes: readonly InputIssue[] = [];

const emailPath = ['contact', 'email'];
const phonePath = ['contact', 'phone', 'number'];
const statePath = ['contact', 'streetAddress', 'state'];
const productPath = ['metadata', 'product'];
const certificatePath = ['metadata', 'trustedFormUrl'];

/** Every check that a submitted lead must pass, in the documented order. The README and `/docs` are made from this list. */
export const submissionChecks: readonly SubmissionCheck[] = [
  { of: 'credential', status: 401, code: 'UNAUTHENTICATED', refuses: 'Missing source ID or API key' },
  { of: 'credential', status: 401, code: 'UNAUTHENTICATED', refuses: 'Unknown source or wrong key' },
  { of: 'source', status: 403, code: 'SOURCE_DISABLED', refuses: 'Disabled source', fails: ({ enabled }) => !enabled },
  {
    of: 'source',
    status: 403,
    code: 'SOURCE_NOT_ATTACHED',
    refuses: 'Source not attached to an account',
    fails: ({ accountId }) => accountId === null,
  },
  {
    of: 'lead',
    status: 400,
    code: 'SOURCE_NOT_APPROVED',
    refuses: 'Source not compliance-approved',
    issues: ({ source }) =>
      source.complianceApproved ? passes : fails([], 'SOURCE_NOT_APPROVED', 'The source is not compliance-approved yet.'),
  },
  {
    of: 'lead',
    status: 400,
    code: 'VALIDATION_FAILED',
    refuses: '`metadata`, `contact` or `customer` missing after mapping, or a field that breaks its rule',
    issues: ({ input, issues }) => [...(input.unreadable ?? []), ...issues],
  },
  {
    of: 'lead',
    status: 400,
    code: 'CONTACT_REQUIRED',
    refuses: 'Neither email nor phone',
    issues: ({ email, phone, input }) =>
      email === null && phone === null && !isUnreadable(input, emailPath, phonePath)
        ? fails(['contact'], 'CONTACT_REQUIRED', 'needs an email address or a phone number')
        : passes,
  },
  {
    of: 'lead',
    status: 400,
    code: 'VALIDATION_FAILED',
    refuses: 'Email present but not valid',
    issues: ({ email, hasControlIn }) => {
      if (hasControlIn.email) return fails(emailPath, 'INVALID_VALUE', 'must not contain control characters');
      return email === null || isEmail(email)
        ? passes
        : fails(emailPath, 'INVALID_VALUE', 'must be an email address of at most 254 characters, like name@example.com');
    },
  },
  {
    of: 'lead',
    status: 400,
    code: 'VALIDATION_FAILED',
    refuses: 'Phone present but not a possible U.S. number (ten digits, or eleven that begin with 1)',
    issues: ({ phone, hasControlIn }) => {
      if (hasControlIn.phone) return fails(phonePath, 'INVALID_VALUE', 'must not contain control characters');
      return phone === null || (phone.length <= 200 && toUsE164(phone) !== null)
        ? passes
        : fails(phonePath, 'INVALID_VALUE', 'must be a possible U.S. number, like +15125550123');
    },
  },
  {
    of: 'lead',
    status: 400,
    code: 'STATE_NOT_ALLOWED',
    refuses: 'State unknown, or missing or not allowed where the source has allowed states',
    issues: ({ state, source: { allowedStates } }) => {
      if (state !== null && state.code === null)
        return fails(statePath, 'INVALID_VALUE', 'must be a U.S. state, as two letters or by its name');
      return allowedStates.length === 0 || (state?.code != null && allowedStates.includes(state.code))
        ? passes
        : fails(statePath, 'STATE_NOT_ALLOWED', `must be one that the source may send from: ${allowedStates.join(', ')}`);
    },
  },
  {
    of: 'lead',
    status: 400,
    code: 'PRODUCT_NOT_ALLOWED',
    refuses: 'Product missing or not allowed where the source has allowed products',
    issues: ({ product, source: { allowedProducts } }) =>
      allowedProducts.length === 0 ||
      (product !== null && allowedProducts.some((allowed) => toProductKey(allowed) === toProductKey(product)))
        ? passes
        : fails(productPath, 'PRODUCT_NOT_ALLOWED', `must be one that the source may send: ${allowedProducts.join(', ')}`),
  },
  {
    of: 'lead',
    status: 400,
    code: 'TRUSTED_FORM_REQUIRED',
    refuses: 'TrustedForm required but missing',
    issues: ({ trustedFormUrl, source, input, checksCertificates }) =>
      trustedFormUrl !== null || !source.requiresTrustedForm || !checksCertificates || isUnreadable(input, certificatePath)
        ? passes
        : fails(certificatePath, 'TRUSTED_FORM_REQUIRED', 'must be the URL of a TrustedForm certificate'),
  },
  {
    of: 'lead',
    status: 400,
    code: 'TRUSTED_FORM_URL_INVALID',
    refuses: 'TrustedForm URL not http(s), or not hosted by trustedform.com',
    issues: ({ trustedFormUrl, checksCertificates }) => {
      const problem = trustedFormUrl !== null && checksCertificates ? certificateUrlProblem(trustedFormUrl) : null;
      return problem ? fails(certificatePath, problem.code, problem.message) : passes;
    },
  },
  // Asked of the certificate host by `submitLead`, when everything above passed and TRUSTEDFORM_CHECK is `live`.
  {
    of: 'lead',
    status: 400,
    code: 'TRUSTED_FORM_REFUSED',
    refuses: 'TrustedForm certificate refused by its host (where TRUSTEDFORM_CHECK is live; an unreachable host is asked again later)',
    issues: () => passes,
  },
];

export const certificateRefused: InputIssue = {
  path: certificatePath,
  code: 'TRUSTED_FORM_REFUSED',
  message: 'was refused by the certificate host',
};

/** What came along but could not be read was named already: it must not be called missing as well. */
const isUnreadable = ({ unreadable }: SubmitLeadInput, ...paths: readonly (readonly string[])[]): boolean =>
  unreadable?.some((field) => paths.some((path) => field.path.every((name, i) => name === path[i]))) ?? false;

/** The first check of the source that fails, or null. */
export const failedSourceCheck = (source: ActiveSource): SourceCheck | null =>
  (submissionChecks.find((check) => check.of === 'source' && check.fails(source)) as SourceCheck | undefined) ?? null;

/** What is wrong with a lead, in the order of the checks. */
export const leadIssues = (submission: CheckedSubmission): readonly InputIssue[] =>
  submissionChecks.flatMap((check) => (check.of === 'lead' ? check.issues(submission) : []));
