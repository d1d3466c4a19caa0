export const doctorFormats = ['text', 'json'] as const;

/** Settings of the command `doctor`. */
export interface DoctorFlags {
  readonly format: (typeof doctorFormats)[number];
  /** Directory in which the answers are saved; undefined if they are not saved. */
  readonly recordDirectory: string | undefined;
  /** Maximum duration of one request, in ms. */
  readonly requestMs: number;
}
