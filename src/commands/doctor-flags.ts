export const doctorFormats = ['text', 'json'] as const;

/** Settings of the command `doctor`. */
export interface DoctorFlags {
  readonly format: (typeof doctorFormats)[number];
  /** Maximum duration of one request, in ms. */
  readonly requestMs: number;
}
