import { type Html, html } from './html.ts';
import type { Words } from './words.ts';

/** Formats a frame rate with at most one decimal: `24.8`, `25`. */
export function fpsText(fps: number): string {
  return String(Math.round(fps * 10) / 10);
}

/** Formats a bit rate with three significant digits: `2.41 Mbit/s`, `850 kbit/s`. */
export function bitRateText(bitsPerSecond: number): string {
  if (bitsPerSecond >= 999_500) return `${threeDigits(bitsPerSecond / 1e6)} Mbit/s`;
  if (bitsPerSecond >= 1_000) return `${threeDigits(bitsPerSecond / 1e3)} kbit/s`;
  return `${Math.round(bitsPerSecond)} bit/s`;
}

function threeDigits(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}

/**
 * Formats a duration in a single unit: `8 s`, `3 min`, `5 h`, `12 d`. A negative duration, which clock skew
 * can cause, becomes `0 s`. No line breaks between the number and its unit.
 */
export function ageText(seconds: number, { units }: Pick<Words, 'units'>): string {
  if (seconds < 99.5) return `${Math.max(0, Math.round(seconds))}\u00a0${units.s}`;
  if (seconds < 99.5 * 60) return `${Math.round(seconds / 60)}\u00a0${units.min}`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)}\u00a0${units.h}`;
  return `${Math.round(seconds / 86_400)}\u00a0${units.d}`;
}

/** Returns the time in seconds between two times in ISO 8601. */
export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

/** Formats a number of things with separators of thousands. */
export function countText(count: number, { locale }: Pick<Words, 'locale'>): string {
  return count.toLocaleString(locale);
}

/** Formats an ISO 8601 timestamp as `2026-01-15 12:00:00 UTC`. */
export function timeText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/**
 * Renders an ISO 8601 timestamp in UTC, without the date if it is that of `now`. The script of the page puts the
 * local time before it.
 */
export function time(iso: string, now: string): Html {
  const isToday = iso.slice(0, 10) === now.slice(0, 10);
  return html`<time datetime="${iso}">${isToday ? timeText(iso).slice(11) : timeText(iso)}</time>`;
}

/** Renders a time always with its date, for a text that people can read on another day. */
export function datedTime(iso: string): Html {
  return html`<time datetime="${iso}" data-dated="">${timeText(iso)}</time>`;
}
