import { expect, test } from 'vitest';
import { sendWithResign } from '../../../src/providers/kit/resign.ts';

test.each([
  [['ok'], 'ok', 1],
  [['expired', 'ok'], 'ok', 2],
  [['expired', 'expired', 'ok'], 'expired', 2],
])('of the responses %j returns "%s" after %d requests', async (responses, expected, requests) => {
  const rest = [...responses];

  const response = await sendWithResign(
    async () => rest.shift(),
    (text) => text === 'expired',
  );

  expect(response).toBe(expected);
  expect(responses.length - rest.length).toBe(requests);
});
