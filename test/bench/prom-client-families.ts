import { Gauge, Registry } from 'prom-client';
import { totalOf } from '../../src/metrics/push/optional-rows.ts';
import { optionalFamilies, totalsFamilies } from '../../src/metrics/push/push-counters.ts';
import {
  publisherFamilies,
  sampleTimeFamilies,
  streamTexts,
  viewFamilies,
  watermarkFamilies,
} from '../../src/metrics/push/push-families.ts';
import type { Family } from '../../src/metrics/table/family.ts';
import type { Expectation } from '../../src/model/expectation.ts';
import type { PushLedger } from '../../src/model/push-ledger.ts';
import type { PushSample } from '../../src/model/push-sample.ts';
import type { PushView } from '../../src/model/push-view.ts';
import type { StreamId } from '../../src/model/stream.ts';

type Labels = Readonly<Record<string, string>>;

/** Labels of one stream's series, reused for each set. */
export interface StreamLabels {
  readonly stream: Labels;
  readonly publisher: Labels;
  readonly pushInfo: Labels;
}

/**
 * Families that a sample changes, in prom-client. All are gauges, because a counter cannot be set to a total.
 */
export interface PromClientFamilies {
  labelsOf(stream: StreamId, sample: PushSample): StreamLabels;
  show(labels: StreamLabels, shown: { ledger: PushLedger; view: PushView; expectation: Expectation }): void;
}

export function createPromClientFamilies(): PromClientFamilies {
  const registers = [new Registry()];
  const add = <Source>(families: readonly Family<Source, keyof typeof streamTexts>[]) => {
    const points = families.flatMap(({ name, help, text, points }) => {
      const own = Object.keys(points[0]?.labels ?? {});
      const gauge = new Gauge({ name, help, labelNames: [...streamTexts[text], ...own], registers });
      return points.map(({ labels, value }) => ({ gauge, text, labels, value }));
    });
    return (of: StreamLabels, source: Source) => {
      for (const { gauge, text, labels, value } of points) {
        const shared = of[text as keyof StreamLabels];
        const number = value(source);
        if (number !== undefined) gauge.set(labels === undefined ? shared : { ...shared, ...labels }, number);
      }
    };
  };
  const showPublisher = add(publisherFamilies);
  const showView = add(viewFamilies);
  const showWatermark = add(watermarkFamilies);
  const showSampleTime = add(sampleTimeFamilies);
  const showTotals = add(totalsFamilies);
  const showOptional = add(optionalFamilies);

  return {
    labelsOf({ account, provider, domain, appName, stream }, { clientIp = '', serverIp = '' }) {
      const labels = { account, provider, domain, app_name: appName, stream };
      const empty = { push_domain: '', resolution: '', video_codec: '', audio_codec: '' };
      return {
        stream: labels,
        publisher: { ...labels, client_ip: clientIp },
        pushInfo: { ...labels, client_ip: clientIp, server_ip: serverIp, ...empty },
      };
    },
    show(labels, { ledger: { totals, newestAt }, view, expectation }) {
      showTotals(labels, totals);
      if (newestAt !== undefined) showSampleTime(labels, newestAt);
      const optional = { ...totals.degradedMs, ...totals.mediaMs };
      showOptional(labels, (counter) => totalOf(counter, optional, expectation));
      showView(labels, view);
      if (view.watermark !== undefined) showWatermark(labels, view.watermark);
      if (view.live !== undefined) showPublisher(labels, view.live.followed);
    },
  };
}
