from django.urls import path

from stead.billing.views import accounts, cards, charges, claims, denials, refunds, remittances

urlpatterns = [
    path("", claims.queue, name="billing_claims"),
    path("claims/<uuid:claim_id>/", claims.claim, name="billing_claim"),
    path("claims/<uuid:claim_id>/check/", claims.check, name="billing_check_claim"),
    path("claims/<uuid:claim_id>/resend/", claims.resend, name="billing_resend_claim"),
    path("claims/<uuid:claim_id>/write-off/", claims.write_off, name="billing_write_off_claim"),
    path("charges/<uuid:charge_id>/void/", charges.void, name="billing_void_charge"),
    path("charges/<uuid:charge_id>/again/", charges.charge_again, name="billing_charge_again"),
    path("denials/", denials.queue, name="billing_denials"),
    path("denials/<uuid:denial_id>/", denials.denial, name="billing_denial"),
    path("denials/<uuid:denial_id>/patient/", denials.to_patient, name="billing_denial_to_patient"),
    path("accounts/", accounts.accounts, name="billing_accounts"),
    path("accounts/<uuid:patient_id>/", accounts.account, name="billing_account"),
    path("accounts/<uuid:patient_id>/pay/", accounts.take, name="billing_take_payment"),
    path("accounts/<uuid:patient_id>/card/", cards.card, name="billing_card"),
    path("accounts/<uuid:patient_id>/statement/", accounts.make_statement, name="billing_make_statement"),
    path("accounts/<uuid:patient_id>/write-off/", accounts.write_off, name="billing_write_off_account"),
    path("payments/<uuid:payment_id>/", accounts.payment, name="billing_payment"),
    path("payments/<uuid:payment_id>/refund/", refunds.refund, name="billing_refund"),
    path("payments/<uuid:payment_id>/void/", refunds.void, name="billing_void_payment"),
    path("postings/<uuid:transaction_id>/back/", refunds.take_back, name="billing_take_back"),
    path("statements/<uuid:statement_id>/", accounts.statement, name="billing_statement"),
    path("statements/<uuid:statement_id>/tell/", accounts.tell, name="billing_tell"),
    path("pay-link/", accounts.pay_link, name="billing_pay_link"),
    path("remittances/", remittances.remittances, name="billing_remittances"),
    path("remittances/<uuid:answer_id>/match/", remittances.match, name="billing_match"),
    path("remittances/<uuid:answer_id>/close/", remittances.close, name="billing_close_answer"),
    path("remittances/moved/<uuid:adjustment_id>/", remittances.settle, name="billing_settle_adjustment"),
]
