import { isDeepStrictEqual } from 'node:util';
import type { AlertmanagerSecretName, AlertmanagerSettings } from '../config/config.ts';
import type { SecretKind } from '../config/schema/account-parts.ts';
import { createSecretFiles } from '../config/secret-files.ts';
import { type Secrets, secretKey } from '../config/secrets.ts';
import type { Log } from '../log.ts';
import type { PostingMetrics } from '../metrics/exporter/posting-metrics.ts';
import type { FailureKind } from '../model/answer.ts';
import type { PostedAlertName, StreamAlert } from '../model/stream-alert.ts';
import type { Clock, EpochMs } from '../model/time.ts';
import { createAlertSet } from './alert-set.ts';
import { createAlertmanagerClient } from './client.ts';
import { type Sender, startSender } from './sender.ts';

export interface PostingParts {
  readonly metrics: PostingMetrics;
  /** Returns the URL of the page about an alert; undefined if the URL of the exporter is unknown. */
  readonly sourceOf?: ((alert: StreamAlert) => string) | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** State of posting, for the status page. */
export interface PostingState {
  /** Number of firing alerts by name. */
  readonly firing: ReadonlyMap<PostedAlertName, number>;
  readonly alertmanagers: readonly {
    readonly name: string;
    readonly lastSuccessAt: EpochMs | undefined;
    /** Why the last post failed; undefined if it succeeded. */
    readonly failure: string | undefined;
  }[];
}

interface NamedSender {
  readonly url: string;
  readonly name: string;
  readonly sender: Sender;
}

const kinds: Readonly<Record<AlertmanagerSecretName, SecretKind>> = {
  password: 'password',
  bearerToken: 'bearer',
  certificates: 'certificates',
};

/**
 * Creates the part that posts alerts to Alertmanagers. It posts nothing until settings with URLs are applied.
 */
export function createPosting({ metrics, sourceOf, clock, log }: PostingParts) {
  let senders: readonly NamedSender[] = [];
  /** Settings of the senders apart from the URLs, and the content of their files. */
  let applied: unknown;
  const stopped = new Set<Promise<void>>();
  const alerts = createAlertSet({
    onChanged(id) {
      for (const { sender } of senders) sender.changed(id);
    },
    onForgotten(id) {
      for (const { sender } of senders) sender.forget(id);
    },
    clock,
  });

  function stop({ name, sender }: NamedSender): void {
    metrics.removeAlertmanager(name);
    const stopping = sender.stop().finally(() => stopped.delete(stopping));
    stopped.add(stopping);
  }

  /** Returns a function that starts the sender of one Alertmanager. All of them share the files. */
  function createStart(settings: AlertmanagerSettings, secrets: Secrets) {
    const current = createSecretFiles(settings.secrets, secrets, {
      elapsed: clock.elapsed,
      kindOf: (name) => kinds[name as AlertmanagerSecretName],
      onRead(problem) {
        if (problem === undefined) log.info('files of the Alertmanagers read again, because they changed');
        else
          log.warn('changed files of the Alertmanagers are unusable, so the old ones stay in use', {
            problem,
          });
      },
    });
    return (url: string, name: string): NamedSender => {
      metrics.addAlertmanager(name);
      const client = createAlertmanagerClient(url, settings, current);
      const onPost = (failure: FailureKind | undefined, now: EpochMs) =>
        metrics.countPost(name, failure, now);
      const texts = { ...settings, sourceOf };
      return { url, name, sender: startSender({ name, alerts, client, texts, onPost, clock, log }) };
    };
  }

  let startOne: ReturnType<typeof createStart>;

  function setMetrics(): void {
    metrics.setFiring(alerts.sink.isOn() ? alerts.counts() : undefined);
  }

  return {
    sink: alerts.sink,
    /**
     * Applies the settings of a config. The sender of a URL stays if the other settings and the files are the
     * same. An Alertmanager that is removed gets no more posts, so its alerts end after a few minutes.
     */
    apply(settings: AlertmanagerSettings, secrets: Secrets): void {
      const { urls, ...others } = settings;
      const files = Object.values(settings.secrets).map((ref) => secrets.get(secretKey(ref)));
      const isSame = isDeepStrictEqual(applied, { others, files });
      applied = { others, files };
      const names = namesOf(urls);
      const kept = (sender: NamedSender) => isSame && names[urls.indexOf(sender.url)] === sender.name;
      for (const sender of senders) if (!kept(sender)) stop(sender);
      const known = senders.filter(kept);
      alerts.setOn(urls.length > 0);
      startOne = isSame ? startOne : createStart(settings, secrets);
      senders = urls.map(
        (url, i) => known.find((sender) => sender.url === url) ?? startOne(url, names[i] ?? ''),
      );
      setMetrics();
    },
    /** Ends alerts that are over by the clock, and sets the metrics. Call it every second. */
    tick(): void {
      alerts.expire();
      setMetrics();
    },
    /** Returns the state of posting; undefined if no alerts are posted. */
    state(): PostingState | undefined {
      if (!alerts.sink.isOn()) return undefined;
      return {
        firing: alerts.counts(),
        alertmanagers: senders.map(({ name, sender }) => ({
          name,
          lastSuccessAt: sender.lastSuccessAt(),
          failure: sender.failure(),
        })),
      };
    },
    /** Posts what is due, but not for longer than two seconds, and stops. No alert is resolved. */
    async close(): Promise<void> {
      for (const sender of senders) stop(sender);
      senders = [];
      await Promise.all(stopped);
    },
  };
}

/**
 * Returns the hosts of the URLs. Further URLs with the same host get a number, so that each name is
 * different.
 */
function namesOf(urls: readonly string[]): readonly string[] {
  const hosts = urls.map((url) => new URL(url).host);
  return hosts.map((host, i) => {
    const before = hosts.slice(0, i).filter((other) => other === host).length;
    return before === 0 ? host : `${host}#${before + 1}`;
  });
}
