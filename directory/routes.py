"""Every route of the service, in the order in which they are asked: APIs below ``/api/v1``, then the pages."""

from functools import cache

from fastapi import APIRouter, Depends
from starlette.routing import BaseRoute

from directory.access import api as access_api
from directory.access import (
    api_cart,
    api_changes,
    api_comments,
    api_consents,
    pages_cart,
    pages_comments,
    pages_consents,
    pages_form,
    pages_terms,
)
from directory.access import pages as access_pages
from directory.accounts import api as accounts_api
from directory.accounts import pages as accounts_pages
from directory.audit import api as audit_api
from directory.backflow import api as backflow_api
from directory.backflow import pages as backflow_pages
from directory.batch_decisions import pages as batch_pages
from directory.briefs import api as briefs_api
from directory.briefs import pages as briefs_pages
from directory.bulletins import api as bulletins_api
from directory.bulletins import pages as bulletins_pages
from directory.collection_check import api as collection_check_api
from directory.collection_check import pages as collection_check_pages
from directory.complaints import api as complaints_api
from directory.complaints import pages as complaints_pages
from directory.corrections import api as corrections_api
from directory.corrections import pages as corrections_pages
from directory.deciders import api as deciders_api
from directory.deciders import pages as deciders_pages
from directory.delegations import api as delegations_api
from directory.delegations import pages as delegations_pages
from directory.demands import api as demands_api
from directory.demands import pages as demands_pages
from directory.duties import api as duties_api
from directory.duties import pages as duties_pages
from directory.editing import pages as editing_pages
from directory.editing import pages_assess, pages_catalogue, pages_history, pages_return
from directory.entrustments import api as entrustments_api
from directory.entrustments import pages as entrustments_pages
from directory.exchange_status import pages as exchange_pages
from directory.fidelity import api as fidelity_api
from directory.health import api as health_api
from directory.holidays import api as holidays_api
from directory.holidays import pages as holidays_pages
from directory.home import pages as home_pages
from directory.http.bodies import refuse_overfull
from directory.http.forged import refuse_forged
from directory.http.openapi import REFUSALS
from directory.imports import api as imports_api
from directory.imports import api_at_once as import_api
from directory.imports import pages as imports_pages
from directory.imports import pages_check as imports_check_pages
from directory.imports import pages_result as imports_result_pages
from directory.libraries import api as libraries_api
from directory.libraries import api_duplicates
from directory.libraries import pages as libraries_pages
from directory.lists import pages as lists_pages
from directory.negatives import api as negatives_api
from directory.negatives import pages as negatives_pages
from directory.nodes import api as nodes_api
from directory.nodes import pages as nodes_pages
from directory.notices import api as notices_api
from directory.notices import pages as notices_pages
from directory.objections import api as objections_api
from directory.objections import pages as objections_pages
from directory.offers import api as offers_api
from directory.offers import pages as offers_pages
from directory.orders import api as orders_api
from directory.orders import pages as orders_pages
from directory.organisations import api as organisations_api
from directory.organisations import pages as organisations_pages
from directory.people import api as people_api
from directory.people import pages as people_pages
from directory.prefixes import api as prefixes_api
from directory.prefixes import pages as prefixes_pages
from directory.probes import api as probes_api
from directory.proposals import api as proposals_api
from directory.proposals import pages as proposals_pages
from directory.rates import api as rates_api
from directory.rates import pages as rates_pages
from directory.rates import score_api
from directory.ratings import api as ratings_api
from directory.ratings import pages as ratings_pages
from directory.reconciliations import api as reconciliations_api
from directory.reform import api as reform_api
from directory.reform import pages as reform_pages
from directory.reminders import api as reminders_api
from directory.reminders import pages as reminders_pages
from directory.resolve import catalog as dcat_catalogue
from directory.resolve import pages as resolve_pages
from directory.resources import api as resources_api
from directory.resources import api_assessments, files_api
from directory.resources import api_batch as batch_api
from directory.resources import api_templates as templates_api
from directory.resources import api_versions as versions_api
from directory.resources import pages as resources_pages
from directory.resources import pages_templates as templates_pages
from directory.responsibilities import api as responsibilities_api
from directory.responsibilities import pages as responsibilities_pages
from directory.rules import api as rules_api
from directory.rules import pages as rules_pages
from directory.search import api as search_api
from directory.search import export_api
from directory.search import pages as search_pages
from directory.services import api as services_api
from directory.services import pages as services_pages
from directory.situations import api as situations_api
from directory.situations import pages as situations_pages
from directory.statistics import api as statistics_api
from directory.statistics import pages as statistics_pages
from directory.supervision import api as supervision_api
from directory.supervision import pages as supervision_pages
from directory.tokens import api as tokens_api
from directory.tokens import pages as tokens_pages
from directory.unused import api as unused_api
from directory.unused import pages as unused_pages
from directory.uses import api as uses_api
from directory.uses import pages as uses_pages
from directory.worklist import api as worklist_api
from directory.worklist import pages as worklist_pages

API_PREFIX = "/api/v1"


@cache
def routes() -> list[BaseRoute]:
    """All of them, made once per process: each takes a millisecond, and nothing in them belongs to one application.

    Including a router copies its routes. The originals are dropped, which makes the process 18 MiB smaller.
    """
    router = APIRouter(dependencies=[Depends(refuse_forged), Depends(refuse_overfull)], responses=REFUSALS)
    for api in (
        accounts_api,
        unused_api,  # before access_api, a grant of which its address would name
        people_api,
        delegations_api,
        tokens_api,
        access_api,
        api_cart,
        api_changes,
        api_comments,
        api_consents,
        nodes_api,
        search_api,
        export_api,
        fidelity_api,  # before resources_api
        files_api,  # before resources_api, which takes any name below /resources
        resources_api,
        api_assessments,
        batch_api,
        versions_api,
        templates_api,
        briefs_api,
        deciders_api,
        duties_api,
        corrections_api,
        objections_api,
        complaints_api,
        holidays_api,
        rules_api,
        demands_api,
        responsibilities_api,
        negatives_api,
        statistics_api,
        collection_check_api,
        supervision_api,
        audit_api,
        prefixes_api,
        organisations_api,
        reform_api,
        uses_api,
        backflow_api,
        api_duplicates,  # before the libraries, one of which its address would name
        libraries_api,
        ratings_api,
        rates_api,
        score_api,
        probes_api,
        services_api,
        situations_api,
        entrustments_api,
        offers_api,
        orders_api,
        reconciliations_api,
        imports_api,
        import_api,
        proposals_api,
        notices_api,
        worklist_api,
        reminders_api,
        bulletins_api,
    ):
        router.include_router(api.router, prefix=API_PREFIX)
        api.router.routes.clear()
    for site in (
        health_api,
        accounts_pages,
        people_pages,
        delegations_pages,
        tokens_pages,
        home_pages,
        dcat_catalogue,
        resolve_pages,
        search_pages,
        pages_catalogue,
        proposals_pages,
        pages_history,
        pages_assess,
        pages_return,
        editing_pages,  # before resources_pages, which takes any name below /resources
        resources_pages,
        pages_form,  # before access_pages, which takes any name below /requests
        access_pages,
        pages_terms,
        pages_cart,
        pages_comments,
        pages_consents,
        corrections_pages,
        objections_pages,
        complaints_pages,
        ratings_pages,
        orders_pages,
        nodes_pages,  # before exchange_pages, whose batches any two names below /exchange would be
        exchange_pages,
        batch_pages,
        briefs_pages,
        deciders_pages,
        duties_pages,
        holidays_pages,
        rules_pages,
        offers_pages,
        services_pages,
        situations_pages,
        entrustments_pages,
        lists_pages,
        demands_pages,
        responsibilities_pages,
        negatives_pages,
        collection_check_pages,
        statistics_pages,
        supervision_pages,
        templates_pages,
        prefixes_pages,
        organisations_pages,
        reform_pages,
        uses_pages,
        unused_pages,
        backflow_pages,
        imports_pages,
        imports_check_pages,
        imports_result_pages,
        libraries_pages,
        rates_pages,
        notices_pages,
        worklist_pages,
        reminders_pages,
        bulletins_pages,
    ):
        router.include_router(site.router)
        site.router.routes.clear()
    return router.routes
