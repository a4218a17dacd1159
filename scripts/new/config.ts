import type { Names } from './names.ts'

/** The wrangler config of a new Worker: it consumes order.delivered, and what it publishes is for audit alone. */
export const configOf = ({ worker }: Names, compatibilityDate: string): string => `{
  "$schema": "../node_modules/wrangler/config-schema.json",
  "name": "credenza-${worker}",
  "main": "../workers/${worker}/index.ts",
  "compatibility_date": "${compatibilityDate}",
  "workers_dev": false,
  "preview_urls": false,
  "observability": { "enabled": true },
  // Local runs and tests say "local" (wrangler/.dev.vars).
  "vars": { "ENVIRONMENT": "production" },
  // Even when empty: without it, local runs would hand this Worker every secret of wrangler/.dev.vars.
  "secrets": { "required": [] },
  "durable_objects": {
    "bindings": [
      { "name": "DATABASE", "class_name": "DatabaseDO", "script_name": "credenza-data" },
      { "name": "MONGO_POOLS", "class_name": "MongoPoolDO", "script_name": "credenza-data" },
      { "name": "CACHE", "class_name": "CacheDO", "script_name": "credenza-data" }
    ]
  },
  "services": [{ "binding": "DATA", "service": "credenza-data", "entrypoint": "DataRpc" }],
  "queues": {
    "producers": [{ "binding": "QUEUE_AUDIT", "queue": "credenza-audit" }],
    "consumers": [
      {
        "queue": "credenza-${worker}",
        "max_batch_size": 10,
        "max_batch_timeout": 0,
        "max_retries": 20,
        "dead_letter_queue": "credenza-${worker}-dlq"
      },
      { "queue": "credenza-${worker}-dlq", "max_batch_size": 10, "max_batch_timeout": 0, "max_retries": 100 }
    ]
  },
  // Sends what a crash left in the outbox.
  "triggers": { "crons": ["* * * * *"] }
}
`

/** The TypeScript project of a new Worker. */
export const projectOf = (): string => `{
  "extends": "../../tsconfig.json",
  "include": ["./**/*.ts"],
  "references": [{ "path": "../../shared" }]
}
`
