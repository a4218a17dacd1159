/** The one list of what can go wrong. `retry` says whether a consumer may try the same message again. */
export const problems = {
  malformed_json: { status: 400, retry: false, title: 'The body is not valid JSON' },
  bad_request: { status: 400, retry: false, title: 'The request cannot be understood' },
  idempotency_key_required: { status: 400, retry: false, title: 'This request needs an Idempotency-Key header' },
  signature_invalid: { status: 400, retry: false, title: 'The webhook signature does not match' },
  unauthenticated: { status: 401, retry: false, title: 'Sign in first' },
  invalid_credentials: { status: 401, retry: false, title: 'The e-mail address or the password is wrong' },
  token_invalid: { status: 401, retry: false, title: 'The token is not valid' },
  token_expired: { status: 401, retry: false, title: 'The token has expired' },
  forbidden: { status: 403, retry: false, title: 'Your role does not allow this' },
  not_found: { status: 404, retry: false, title: 'Not found' },
  method_not_allowed: { status: 405, retry: false, title: 'This path does not take that method' },
  request_timeout: { status: 408, retry: false, title: 'The request took too long to arrive' },
  conflict: { status: 409, retry: true, title: 'This was changed at the same time by another request' },
  invalid_state: { status: 409, retry: false, title: 'This cannot be done in the present state' },
  email_taken: { status: 409, retry: false, title: 'This e-mail address is already registered' },
  cart_changed: { status: 409, retry: false, title: 'The cart has changed since the shopper saw it' },
  cart_empty: { status: 409, retry: false, title: 'The cart is empty' },
  cart_full: { status: 409, retry: false, title: 'The cart cannot hold more' },
  currency_mismatch: { status: 409, retry: false, title: 'One cart holds one currency' },
  out_of_stock: { status: 409, retry: false, title: 'There is not enough stock' },
  busy: { status: 409, retry: true, title: 'Too many at once; try again shortly' },
  idempotency_in_progress: { status: 409, retry: true, title: 'The first request with this key is still running' },
  sku_taken: { status: 409, retry: false, title: 'You already sell something under this SKU' },
  precondition_failed: { status: 412, retry: false, title: 'The version in If-Match is not the present one' },
  payload_too_large: { status: 413, retry: false, title: 'The body is too large' },
  event_too_large: { status: 413, retry: false, title: 'The change is too large to publish' },
  replay_refused: { status: 409, retry: false, title: 'This Worker does not accept replayed events' },
  unsupported_media_type: { status: 415, retry: false, title: 'The body must be application/json' },
  validation_failed: { status: 422, retry: false, title: 'The request has invalid fields' },
  upgrade_required: { status: 426, retry: false, title: 'This path accepts WebSocket connections only' },
  idempotency_key_reused: { status: 422, retry: false, title: 'This key was used with another body' },
  too_many_requests: { status: 429, retry: true, title: 'Too many requests' },
  internal: { status: 500, retry: true, title: 'Something went wrong on our side' },
  unavailable: { status: 503, retry: true, title: 'A part of the marketplace does not answer' },
  timeout: { status: 504, retry: true, title: 'A part of the marketplace took too long' },
  duplicate_key: { status: 409, retry: false, title: 'This already exists' },
  data_unsupported: { status: 500, retry: false, title: 'The document engine cannot do this as MongoDB does' },
  data_invalid: { status: 500, retry: false, title: 'The document engine refuses this operation' },
  cache_error: { status: 500, retry: true, title: 'The cache refuses this command' },
} as const satisfies Record<string, { status: number; retry: boolean; title: string }>

export type ProblemCode = keyof typeof problems

/** Field errors of a validation problem: a JSON path such as `variants.0.price.amount`, and what is wrong there. */
export type FieldError = { path: string; message: string }

export type Meta = {
  /** For `validation_failed`. */
  errors?: FieldError[]
  /** Seconds, sent as Retry-After. */
  retryAfter?: number
  /** For `method_not_allowed`, sent as Allow. */
  allow?: string[]
  /** More members of the problem document, such as the line diff of `cart_changed`. */
  extra?: Record<string, unknown>
  /** For `duplicate_key`: the key paths of the index that refused. */
  index?: string[]
  /** For a failed batch: how many operations were done before. */
  done?: number
}

/** The one error class. Its own properties survive an RPC call, so `AppError.from` restores it on the other side. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ProblemCode
  readonly meta: Meta

  constructor(code: ProblemCode, detail?: string, meta: Meta = {}) {
    super(detail ?? problems[code].title)
    this.code = code
    this.meta = meta
  }

  get status(): number {
    return problems[this.code].status
  }

  /** The AppError that `thrown` is or was before it crossed an RPC boundary; undefined for anything else. */
  static from(thrown: unknown): AppError | undefined {
    if (thrown instanceof AppError) return thrown
    if (!(thrown instanceof Error) || thrown.name !== 'AppError') return undefined
    const { code, meta } = thrown as Error & { code?: string; meta?: Meta }
    if (code === undefined || !(code in problems)) return undefined
    return new AppError(code as ProblemCode, thrown.message, meta)
  }

  /** Whether `thrown` is this problem. */
  static is(thrown: unknown, code: ProblemCode): boolean {
    return AppError.from(thrown)?.code === code
  }
}
