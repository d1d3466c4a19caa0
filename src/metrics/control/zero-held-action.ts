/** One action's counter that was seen at 0: of a stream, or of its whole domain. */
export interface HeldAction {
  readonly targetKey: string;
  /** undefined: the domain's own. */
  readonly streamKey: string | undefined;
  /** Its label, as the ledger has it. */
  readonly action: string;
}

/** The key under which the births know it. JSON keeps any name apart from its neighbours. */
export function heldActionKey({ targetKey, streamKey, action }: HeldAction): string {
  return JSON.stringify([targetKey, streamKey ?? null, action]);
}

/** Of a key that `controlBirthKey` made; any other text is a bug. */
export function parseHeldActionKey(key: string): HeldAction {
  // The types are those that controlBirthKey wrote.
  const [targetKey, streamKey, action] = JSON.parse(key) as [string, string | null, string];
  return { targetKey, streamKey: streamKey ?? undefined, action };
}
