const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const unitBits: Readonly<Record<string, number>> = { bit: 1, kbit: 1_000, Mbit: 1_000_000 };

/** `90s`, `1m30s`, `2.5h` to milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    sum += Number(amount) * (unitMs[unit] ?? 0);
  }
  return Math.round(sum);
}

/** `2500kbit` or `2.5Mbit` to bits per second; undefined for anything else. */
export function parseBitRate(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(bit|kbit|Mbit)$/.exec(text) ?? [];
  const bits = unitBits[unit];
  return bits === undefined ? undefined : Math.round(Number(amount) * bits);
}

/** `60%` to 0.6; undefined for anything else. */
export function parsePercent(text: string): number | undefined {
  const [, amount] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) / 100;
}

/** The shortest text that parseDuration reads back as the same: `1m30s`. */
export function durationText(ms: number): string {
  let rest = ms;
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const size = unitMs[unit] ?? 1;
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}

/** `2500kbit`, or `1234567bit` where no larger unit fits exactly. */
export function bitRateText(bitsPerSecond: number): string {
  return bitsPerSecond % 1_000 === 0 ? `${bitsPerSecond / 1_000}kbit` : `${bitsPerSecond}bit`;
}
