/**
 * What is wrong: the content of a row is not what was recorded, a row is missing, or it does not follow the row before. Or a day's
 * document, or the head, does not agree with the rows.
 */
export const reasons = ['changed', 'missing', 'unchained', 'day_changed', 'head_changed'] as const
export type Broken = { id: string; reason: (typeof reasons)[number] }

/** How far a verification came: the last row that it verified, and the rows and days that it counted until then. */
export type Progress = { after: string; rows: number; days: number }

/** `next` is null when nothing is left to verify, or something is broken. */
export type Verification = { rows: number; days: number; firstBroken: Broken | null; next: Progress | null }
