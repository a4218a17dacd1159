import { newApp } from '../../shared/http/app'
import { depsFrom } from './deps'

export const app = newApp({ worker: 'audit', depsFrom })
