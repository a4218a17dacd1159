import { AppError } from '../../../../shared/contracts/errors'

/** The refusal of an operation that MongoDB refuses too. */
export function invalid(detail: string): AppError {
  return new AppError('data_invalid', short(detail))
}

/** The refusal of an operation that MongoDB would do and this engine does not. */
export function unsupported(detail: string): AppError {
  return new AppError('data_unsupported', short(detail))
}

/** A detail quotes what was sent, which may be very long. */
const short = (detail: string) => (detail.length > 500 ? `${detail.slice(0, 500)}…`.toWellFormed() : detail)
