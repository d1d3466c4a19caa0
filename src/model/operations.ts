import {
  type Capability,
  capabilities,
  type HistoryCapability,
  type ListCapability,
  type Lookup,
  lookups,
  type Question,
} from './capabilities.ts';

/** All operations: those that answer a question, and lookups. */
const operations: readonly ((typeof capabilities)[number] | (typeof lookups)[number])[] = [
  ...capabilities,
  ...lookups,
];

export type Provider = (typeof operations)[number]['provider'];
export type Operation = (typeof operations)[number]['operation'];
/** Operation that answers a question. */
export type QuestionOperation = (typeof capabilities)[number]['operation'];
/** Operation that returns the rows of a time range. */
export type HistoryOperation = Extract<
  (typeof capabilities)[number],
  { readonly spanMs: number }
>['operation'];

/** Operation that lists what exists now. */
export type ListOperation = Exclude<QuestionOperation, HistoryOperation>;

/** All kinds of data that the operations in `capabilities` return, each once. */
export const questions: readonly Question[] = [...new Set(capabilities.map(({ question }) => question))];

/**
 * Returns the capability of a built-in operation. Throws if `capabilities` does not contain the operation.
 */
export function capabilityOf(operation: HistoryOperation): HistoryCapability;
export function capabilityOf(operation: ListOperation): ListCapability;
export function capabilityOf(operation: QuestionOperation): Capability;
export function capabilityOf(operation: QuestionOperation): Capability {
  const found = capabilities.find((capability) => capability.operation === operation);
  if (found === undefined)
    throw new Error(`operation ${operation} is not in the list of supported operations`);
  return found;
}

/**
 * Returns the kind of data that an operation returns; undefined if `capabilities` does not contain the
 * operation.
 */
export function questionOf(operation: string): Question | undefined {
  return capabilities.find((capability) => capability.operation === operation)?.question;
}

/** Reports whether only the command `doctor` requests an operation. */
export function isOnlyForDoctor(operation: string): boolean {
  return lookups.some((each: Lookup) => each.operation === operation && each.isOnlyForDoctor === true);
}

/** Returns the API to which an operation belongs; undefined if the exporter does not use the operation. */
export function apiOf(operation: string): string | undefined {
  return operations.find((each) => each.operation === operation)?.api;
}

/** Returns the default of the budget of an operation, in requests per second. */
export function defaultRateOf(operation: Operation): number | undefined {
  return operations.find((each) => each.operation === operation)?.requestsPerSecond;
}

/** Returns the operations of a provider, in the order of `capabilities`; lookups come last. */
export function operationsOf(provider: Provider): readonly Operation[] {
  return operations.filter((each) => each.provider === provider).map(({ operation }) => operation);
}

/** Returns the APIs of a provider, each once: all, or those that can return a kind of data. */
export function apisOf(provider: Provider, question?: Question): readonly string[] {
  const found = capabilities.filter(
    (each) => each.provider === provider && (question === undefined || each.question === question),
  );
  return [...new Set(found.map(({ api }) => api))];
}

/** Returns the kinds of data that a provider can return, each once. */
export function questionsOf(provider: Provider): readonly Question[] {
  const own = capabilities.filter((capability) => capability.provider === provider);
  return [...new Set(own.map(({ question }) => question))];
}
