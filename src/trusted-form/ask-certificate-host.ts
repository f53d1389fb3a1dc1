import type { OutboundHttp } from '../platform/outbound-http.ts';
import type { CertificateVerifier } from './certificate-verifier.ts';

const most = { deadlineMs: 10_000, maxBodyBytes: 1024 } as const;

/** Busy or slow is no verdict on the certificate. */
const isTemporary = (status: number): boolean => status === 408 || status === 425 || status === 429;

/**
 * Asks the host on which the certificate lies whether it is there. Neither credentials nor anything of the lead goes along. A redirect is
 * not followed and says nothing: the certificate is asked for again later.
 */
export function createHostVerifier(outbound: OutboundHttp): CertificateVerifier {
  return {
    async verify(url, signal) {
      const target = new URL(url.pathname + url.search, url.origin);
      const { status } = await outbound.call({ url: target, headers: { accept: '*/*', 'user-agent': 'Leadgraph' }, signal, ...most });
      if (status >= 200 && status < 300) return 'ACCEPTED';
      return status >= 400 && status < 500 && !isTemporary(status) ? 'REFUSED' : 'UNREACHABLE';
    },
  };
}
