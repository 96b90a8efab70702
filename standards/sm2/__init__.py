"""SM2 (GB/T 32918, GM/T 0003): signatures and key wrapping for suite 0x02; what computes is chosen in ``provider``."""

from standards.sm2.keys import Sm2DecryptionKey as Sm2DecryptionKey
from standards.sm2.keys import Sm2SigningKey as Sm2SigningKey
from standards.sm2.keys import Sm2VerifyingKey as Sm2VerifyingKey
from standards.sm2.keys import Sm2WrappingKey as Sm2WrappingKey
