/** Languages of the annotations. */
export const languages = ['en', 'zh'] as const;

export type Language = (typeof languages)[number];

/** Formats of the rule file: that of Prometheus, or a resource of the Prometheus operator. */
export const ruleFormats = ['prometheus', 'prometheusrule'] as const;

export type RuleFormat = (typeof ruleFormats)[number];

/** Text in each language. */
export type Text = Readonly<Record<Language, string>>;

/** Rule that records the result of a PromQL expression under a new name. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  /** Reason of the rule, for readers of the rule file. */
  readonly comment?: string;
}

/** Severity of an alert. `none` is only for the watchdog, which always fires. */
export type Severity = 'critical' | 'warning' | 'info' | 'none';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** Time in ms for which the condition must hold before the alert fires; absent: none. */
  readonly forMs?: number;
  /** Time in ms for which the alert continues to fire after the condition has ended; absent: none. */
  readonly keepFiringMs?: number;
  readonly severity: Severity;
  /** Sentence that is the same for all instances of the alert. */
  readonly summary: Text;
  /** Sentences about one instance. They contain template variables of Prometheus. */
  readonly description: Text;
  /** Reason of the rule, for readers of the rule file. */
  readonly comment?: string;
}

export type Rule = RecordingRule | AlertRule;

/** Rules that are evaluated one after the other, so that an alert uses the values recorded in the same evaluation. */
export interface RuleGroup {
  readonly name: string;
  /** Time in ms between two evaluations. */
  readonly intervalMs: number;
  readonly rules: readonly Rule[];
}
