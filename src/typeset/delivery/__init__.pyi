from .dispatch import (
    RECIPIENTS as RECIPIENTS,
    DeliveryOptions as DeliveryOptions,
    DeliveryPlan as DeliveryPlan,
    DeliveryReport as DeliveryReport,
    Progress as Progress,
    deliver as deliver,
    plan_delivery as plan_delivery,
)
