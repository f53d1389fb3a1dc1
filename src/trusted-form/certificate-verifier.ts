/** What the certificate host says. `UNREACHABLE`: nothing, so it is asked again later. */
export type CertificateVerdict = 'ACCEPTED' | 'REFUSED' | 'UNREACHABLE';

/** Asks whether a certificate counts. It may take its time: whoever asks sets a deadline. */
export interface CertificateVerifier {
  readonly verify: (url: URL, signal: AbortSignal) => Promise<CertificateVerdict>;
}

/** The verdict within the deadline; whatever goes wrong on the way means that the host was not reached. */
export async function verifyWithin(verifier: CertificateVerifier, url: URL, deadlineMs: number): Promise<CertificateVerdict> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CertificateVerdict>((resolve) => {
    timer = setTimeout(() => {
      controller.abort();
      resolve('UNREACHABLE');
    }, deadlineMs);
  });
  try {
    return await Promise.race([verifier.verify(url, controller.signal), late]);
  } catch {
    return 'UNREACHABLE';
  } finally {
    clearTimeout(timer);
  }
}
