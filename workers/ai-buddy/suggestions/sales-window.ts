import { type Instant, iso } from '../../../shared/contracts/ids'

/** The number of days, today among them, whose sales tell how fast something sells. */
export const salesDays = 28
const day = 24 * 3_600_000

/** A day in UTC, `2026-06-15`. */
export const dayOf = (instant: Instant): string => iso(instant).slice(0, 10)
/** The first day that counts. */
export const firstDay = (now: Instant): string => dayOf(now - (salesDays - 1) * day)
/** Earlier days are deleted. They stop to count before that, because two machines may be on different sides of midnight. */
export const firstKeptDay = (now: Instant): string => dayOf(now - (salesDays + 1) * day)
