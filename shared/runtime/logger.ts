import { redact } from './redact'

type Fields = Record<string, unknown>

/** One JSON line per entry, without secrets and addresses: see redact.ts. */
function write(level: 'info' | 'warn' | 'error', message: string, fields: Fields): void {
  console[level](JSON.stringify(redact({ level, message, ...fields })))
}

export const logger = {
  info: (message: string, fields: Fields = {}) => write('info', message, fields),
  warn: (message: string, fields: Fields = {}) => write('warn', message, fields),
  error: (message: string, fields: Fields = {}) => write('error', message, fields),
}
