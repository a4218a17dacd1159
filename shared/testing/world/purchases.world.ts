import { purchases } from './flows'
import { surviveCrashes } from './survive'

surviveCrashes('crashes in purchases', purchases)
