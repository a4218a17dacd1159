type Fields = Record<string, unknown>

/** One JSON line per entry. Never pass secrets, tokens or bodies. */
function write(level: 'info' | 'warn' | 'error', message: string, fields: Fields): void {
  const plain = Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? describe(value) : value]),
  )
  console[level](JSON.stringify({ level, message, ...plain }))
}

const describe = (error: Error) => ({ name: error.name, message: error.message, stack: error.stack })

export const logger = {
  info: (message: string, fields: Fields = {}) => write('info', message, fields),
  warn: (message: string, fields: Fields = {}) => write('warn', message, fields),
  error: (message: string, fields: Fields = {}) => write('error', message, fields),
}
