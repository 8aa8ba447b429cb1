from django.urls import path

from .views import editions, glossary, people, provenance, routes, search, timeline

app_name = "documents"

urlpatterns = [
    path("documents/", editions.document_list, name="document-list"),
    path("documents/<slug:slug>/", editions.document_detail, name="document"),
    path("documents/<slug:slug>/provenance/", provenance.provenance, name="provenance"),
    path("people/", people.person_list, name="person-list"),
    path("people/<slug:slug>/", people.person_detail, name="person"),
    path("people/<slug:slug>/preview/", people.person_preview, name="person-preview"),
    path("glossary/", glossary.glossary, name="glossary"),
    path("glossary/<slug:slug>/", glossary.term, name="term"),
    path("glossary/<slug:slug>/preview/", glossary.term_preview, name="term-preview"),
    path("timeline/", timeline.timeline, name="timeline"),
    path("map/", routes.route_map, name="map"),
    path("search/", search.search, name="search"),
]
