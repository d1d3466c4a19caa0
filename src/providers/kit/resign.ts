/**
 * Signs and sends a request with `signAndSend`. If the provider rejects the timestamp or the nonce of the
 * request, signs and sends it once more: the network may have delayed the first request, or a proxy may have
 * sent it twice.
 */
export async function sendWithResign<T>(
  signAndSend: () => Promise<T>,
  needsResign: (response: T) => boolean,
): Promise<T> {
  const response = await signAndSend();
  return needsResign(response) ? signAndSend() : response;
}
