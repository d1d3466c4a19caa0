import type { Notified } from '../support/webhook.ts';

/** One alert from its first notification until it is resolved. */
export interface Episode {
  readonly labels: Readonly<Record<string, string>>;
  /** Arrival of the first notification, in epoch milliseconds. */
  readonly arrivedAt: number;
  /** Arrival of the notification that it is resolved; undefined if there was none. */
  readonly resolvedAt: number | undefined;
  /** Number of notifications that contained it as firing or as resolved. */
  readonly firing: number;
  readonly resolved: number;
}

/**
 * Returns the alerts in notifications, in order of arrival. The same labels with another start are another
 * alert.
 */
export function toEpisodes(notified: readonly Notified[]): readonly Episode[] {
  const byAlert = Map.groupBy(
    notified,
    ({ labels, startsAt }) => `${startsAt} ${JSON.stringify(Object.entries(labels).sort())}`,
  );
  return [...byAlert.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const resolved = own.filter(({ status }) => status === 'resolved');
    return [
      {
        labels: first.labels,
        arrivedAt: first.at,
        resolvedAt: resolved[0]?.at,
        firing: own.length - resolved.length,
        resolved: resolved.length,
      },
    ];
  });
}

/** Alert that a drill provokes. */
export interface Expectation {
  readonly alert: string;
  /** Labels that identify it. */
  readonly labels: Readonly<Record<string, string>>;
  /** Time of the cause, in epoch milliseconds. */
  readonly causeAt: number;
  /** End of the cause; undefined if the alert ends by itself, or never. */
  readonly endAt?: number | undefined;
  /** Whether the alert never ends, such as the watchdog. */
  readonly isEndless?: boolean;
}

/**
 * Alert that a cause can bring with it, for example a budget that it uses up. It is neither demanded nor a
 * mistake.
 */
export type Consequence = Pick<Expectation, 'alert' | 'labels'>;

export interface Verdict {
  readonly rows: readonly {
    readonly expectation: Expectation;
    /** The alert that arrived; undefined if none did. */
    readonly episode: Episode | undefined;
    /** What is wrong; empty if nothing is. */
    readonly problem: string;
  }[];
  /** Alerts that nothing provoked, and repetitions. */
  readonly unprovoked: readonly Episode[];
  /** Alerts that are consequences of causes. */
  readonly consequences: readonly Episode[];
  /**
   * Alerts that were inhibited while they fired. Alertmanager nevertheless notifies their end, together
   * with other alerts of their group.
   */
  readonly inhibitedEnds: readonly Episode[];
}

/** Assigns the alerts that arrived to those that were expected. */
export function judgeEpisodes(
  episodes: readonly Episode[],
  expectations: readonly Expectation[],
  consequences: readonly Consequence[],
): Verdict {
  const inhibitedEnds = episodes.filter(({ firing }) => firing === 0);
  const left = new Set(episodes.filter(({ firing }) => firing > 0));
  const rows = expectations.map((expectation) => {
    const episode = [...left].find(
      (each) => isOf(each, expectation) && each.arrivedAt >= expectation.causeAt,
    );
    if (episode !== undefined) left.delete(episode);
    return { expectation, episode, problem: problemOf(expectation, episode) };
  });
  const follows = [...left].filter((episode) => consequences.some((each) => isOf(episode, each)));
  for (const episode of follows) left.delete(episode);
  return { rows, unprovoked: [...left], consequences: follows, inhibitedEnds };
}

function isOf({ labels }: Episode, { alert, labels: wanted }: Consequence): boolean {
  return (
    labels.alertname === alert && Object.entries(wanted).every(([name, value]) => labels[name] === value)
  );
}

function problemOf({ endAt, isEndless }: Expectation, episode: Episode | undefined): string {
  if (episode === undefined) return 'not arrived';
  const { resolvedAt } = episode;
  if (isEndless) return '';
  if (resolvedAt === undefined) return 'not resolved';
  return endAt !== undefined && resolvedAt < endAt ? 'resolved too early' : '';
}
