/**
 * Signs and sends a request. If the provider rejected its timestamp or nonce, signs and sends it once more: the request
 * can have been delayed on the network, or duplicated by a proxy.
 */
export async function sendWithResign<T>(
  signAndSend: () => Promise<T>,
  needsResign: (response: T) => boolean,
): Promise<T> {
  const response = await signAndSend();
  return needsResign(response) ? signAndSend() : response;
}
