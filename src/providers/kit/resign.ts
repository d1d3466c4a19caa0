/**
 * Signs and sends a request with `signAndSend`. If the provider rejected the timestamp or nonce of the
 * request, signs and sends the request once more: the network can have delayed the first request, or a proxy
 * can have sent it twice.
 */
export async function sendWithResign<T>(
  signAndSend: () => Promise<T>,
  needsResign: (response: T) => boolean,
): Promise<T> {
  const response = await signAndSend();
  return needsResign(response) ? signAndSend() : response;
}
