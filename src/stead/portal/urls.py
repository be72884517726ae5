from django.urls import path

from stead.portal.views import bills, card, home, other, papers, pay_link, visits

urlpatterns = [
    path("portal/", home.home, name="portal_home"),
    path("portal/next/", home.onward, name="portal_onward"),
    path("portal/items/<uuid:item_id>/", papers.item, name="portal_item"),
    path("portal/files/<uuid:file_id>/", papers.file, name="portal_file"),
    path("portal/papers/", papers.papers, name="portal_papers"),
    path("portal/agreements/", papers.agreements, name="portal_agreements"),
    path("portal/agreements/<slug:kind>/", papers.agreement, name="portal_agreement"),
    path("portal/agreements/<slug:kind>/take-back/", papers.take_back, name="portal_take_back"),
    path("portal/insurance/", papers.insurance, name="portal_insurance"),
    path("portal/insurance/<uuid:coverage_id>/end/", papers.end_insurance, name="portal_end_insurance"),
    path("portal/address/", papers.address, name="portal_address"),
    path("portal/card/", card.card, name="portal_card"),
    path("portal/visits/", visits.visits, name="portal_visits"),
    path("portal/visits/times/", visits.find, name="portal_find"),
    path("portal/visits/book/", visits.book, name="portal_book"),
    path("portal/visits/<uuid:visit_id>/confirm/", visits.confirm, name="portal_confirm"),
    path("portal/visits/<uuid:visit_id>/cancel/", visits.cancel, name="portal_cancel"),
    path("portal/bills/", bills.bills, name="portal_bills"),
    path("portal/bills/pay/", bills.pay, name="portal_pay"),
    path("p/<slug:slug>/pay/<str:token>/", pay_link.pay_link, name="portal_pay_link"),
    path("portal/payments/<uuid:payment_id>/", bills.payment, name="portal_payment"),
    path("portal/messages/", other.messages, name="portal_messages"),
    path("portal/ask/<slug:about>/", other.ask, name="portal_ask"),
    path("portal/asked/", other.asked, name="portal_asked"),
    path("portal/more/", other.more, name="portal_more"),
]
